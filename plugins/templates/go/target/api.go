// What the platform speaks. Change this to what yours does.

package main

import (
	"fmt"
	"maps"
	"slices"

	"slipway"
	"slipway/process"
	"slipway/target"
)

// wanted is the body of `PUT /v1/instances/NAME`.
type wanted struct {
	Service     string       `json:"service"`
	Environment string       `json:"environment"`
	Region      string       `json:"region"`
	Revision    string       `json:"revision"`
	Artifact    slipway.Blob `json:"artifact"`
	// Strip is how many leading path elements are dropped when the artifact is unpacked.
	Strip uint32 `json:"strip"`
	// Command and Env may hold `${app}`, `${config}`, `${port.NAME}` and the like, which are replaced by the platform.
	// `${secret.NAME}` never comes so far: Slipway puts the secret there on the way out.
	Command []string          `json:"command"`
	Env     map[string]string `json:"env"`
	Ports   []string          `json:"ports"`
	// Config is what each file below `${config}` is called, and what it holds.
	Config map[string]string `json:"config"`
	Health *process.Health   `json:"health"`
}

// list is the answer to `GET /v1/instances?service=..&environment=..`.
type list struct {
	Instances []instance `json:"instances"`
}

// instance is the answer to `GET /v1/instances/NAME`.
type instance struct {
	Name     string `json:"name"`
	Revision string `json:"revision"`
	State    state  `json:"state"`
	// Ports are names, and `host:port`.
	Ports    map[string]string `json:"ports"`
	Restarts uint32            `json:"restarts"`
	// Detail says why it is not healthy.
	Detail string `json:"detail"`
}

// state of an instance. The platform has the words of the contract for it, but not all of them.
type state struct {
	target.State
}

func (s *state) UnmarshalText(text []byte) error {
	known := []target.State{target.Starting, target.Healthy, target.Unhealthy, target.Failed, target.Stopped}
	for _, known := range known {
		if known.String() == string(text) {
			s.State = known
			return nil
		}
	}
	return fmt.Errorf("`%s` is no state of an instance", text)
}

// wantedOf refuses what the platform cannot give: nothing that people wrote is passed over in silence.
func wantedOf(place place, instance target.Spec, runs process.Process, config map[string]string) (wanted, error) {
	switch {
	case runs.Data != "":
		return wanted{}, slipway.Unsupportedf("this platform knows no `data`")
	case runs.Workdir != "":
		return wanted{}, slipway.Unsupportedf("this platform knows no `workdir`")
	case runs.User != "":
		return wanted{}, slipway.Unsupportedf("this platform knows no `user`")
	}
	// The order of a map is another one each time, and what is asked for must be the same each time.
	ports := slices.AppendSeq([]string{}, maps.Keys(runs.Ports))
	slices.Sort(ports)
	return wanted{
		Service:     place.Service,
		Environment: place.Environment,
		Region:      place.Settings.Region,
		Revision:    instance.Revision,
		Artifact:    instance.Blob,
		Strip:       runs.Strip,
		Command:     runs.Command,
		Env:         runs.Env,
		Ports:       ports,
		Config:      config,
		Health:      runs.Health,
	}, nil
}

// told is the instance in the words of the contract.
func (i instance) told() target.Instance {
	told := target.Instance{
		Name:     i.Name,
		Revision: i.Revision,
		State:    i.State.State,
		Restarts: i.Restarts,
		Detail:   i.Detail,
	}
	for _, name := range slices.Sorted(maps.Keys(i.Ports)) {
		told.Ports = append(told.Ports, target.Port{Name: name, Address: i.Ports[name]})
	}
	return told
}
