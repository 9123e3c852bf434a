// Every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done
// already is answered from the record.

package main

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"slipway"
	"slipway/process"
	"slipway/target"
)

const (
	// api is known by the setting that names it.
	api = slipway.Endpoint("api")
	// config holds the files that adapt made for the environment.
	config        = "config"
	stopTimeout   = time.Minute
	uploadTimeout = 10 * time.Minute
)

//go:embed settings.schema.json
var schema string

// settings are what deploy.toml says in `target = { .. }`; their schema is in settings.schema.json.
type settings struct {
	// API is read by Slipway, which gives the endpoint of that name.
	API string `json:"api"`
	// Region is where on the platform.
	Region string `json:"region"`
}

type place = slipway.Place[settings]

// plugin is the target. What it does not write is done as by most targets.
type plugin struct {
	target.Defaults[settings]
}

func (plugin) Describe() target.Description {
	return target.Description{
		Name:      "{name}",
		Version:   "0.1.0",
		Summary:   "Runs processes on a platform with an HTTP API.",
		Schema:    schema,
		Workloads: []string{process.Kind},
		Needs:     []string{"endpoint of api", "folder deployment"},
	}
}

func (plugin) Abilities(settings) (target.Abilities, error) {
	return target.Abilities{SideBySide: true}, nil
}

func (plugin) Observe(place place) ([]target.Instance, error) {
	path := fmt.Sprintf("/v1/instances?service=%s&environment=%s",
		slipway.Escape(place.Service), slipway.Escape(place.Environment))
	var list list
	if err := api.GetJSON(path, &list); err != nil {
		return nil, err
	}
	var instances []target.Instance
	for _, found := range list.Instances {
		instances = append(instances, found.told())
	}
	return instances, nil
}

// Start may be asked for twice: the platform does nothing the second time, and that is what makes it safe to call again.
func (plugin) Start(place place, instance target.Spec) error {
	content, err := slipway.Deployment.Read(instance.Workload)
	if err != nil {
		return err
	}
	runs, err := process.Read(instance.Workload, content)
	if err != nil {
		return err
	}
	artifact := "/v1/artifacts/" + slipway.Escape(string(instance.Blob))
	there, err := api.FindJSON(artifact, &struct{}{})
	if err != nil {
		return err
	}
	if !there {
		if _, err := api.PutBlob(artifact, instance.Blob, uploadTimeout); err != nil {
			return err
		}
	}
	files, err := configuration()
	if err != nil {
		return err
	}
	wanted, err := wantedOf(place, instance, runs, files)
	if err != nil {
		return err
	}
	_, err = api.PutJSON(pathOf(instance.Name), wanted)
	return err
}

func (plugin) Probe(_ place, name string) (*target.Instance, error) {
	var found instance
	there, err := api.FindJSON(pathOf(name), &found)
	if err != nil || !there {
		return nil, err
	}
	told := found.told()
	return &told, nil
}

func (plugin) Stop(_ place, name string) error {
	return api.Remove(pathOf(name), stopTimeout)
}

func (plugin) Logs(_ place, name, cursor string) (slipway.LogChunk, error) {
	if cursor == "" {
		cursor = "0"
	}
	log, err := api.Get(pathOf(name) + "/log?from=" + slipway.Escape(cursor))
	if err != nil {
		return slipway.LogChunk{}, err
	}
	next, ok := log.Header("next-offset")
	if !ok {
		next = cursor
	}
	return slipway.LogChunk{Content: log.Body, Next: next, End: len(log.Body) == 0}, nil
}

func (plugin) Cleanup(place place, revision string) error {
	path := fmt.Sprintf("/v1/revisions/%s?service=%s&environment=%s",
		slipway.Escape(revision), slipway.Escape(place.Service), slipway.Escape(place.Environment))
	return api.Remove(path, stopTimeout)
}

// configuration is the final one of the environment: what each file is called, and what it holds.
func configuration() (map[string]string, error) {
	entries, err := slipway.Deployment.List(config)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, entry := range entries {
		if entry.Directory {
			continue
		}
		content, err := slipway.Deployment.Read(entry.Path)
		if err != nil {
			return nil, err
		}
		if !utf8.Valid(content) {
			return nil, slipway.Unsupportedf("%s is not text", entry.Path)
		}
		files[strings.TrimPrefix(entry.Path, config+"/")] = string(content)
	}
	return files, nil
}

func pathOf(name string) string {
	return "/v1/instances/" + slipway.Escape(name)
}
