// Every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done
// already is answered from the record.

package main

import (
	_ "embed"
	"time"
	"unicode/utf8"

	"slipway"
	"slipway/router"
)

const (
	// api is known by the setting that names it.
	api           = slipway.Endpoint("api")
	removeTimeout = 30 * time.Second
)

//go:embed settings.schema.json
var schema string

// settings are what deploy.toml says in `router = { .. }`; their schema is in settings.schema.json.
type settings struct {
	// API is read by Slipway, which gives the endpoint of that name.
	API string `json:"api"`
	// Port of an instance that users are sent to, by its name.
	Port string `json:"port,omitempty"`
	// Host is where users come in.
	Host string `json:"host"`
}

// SetDefaults is called before the settings are read.
func (s *settings) SetDefaults() {
	s.Port = "http"
}

type place = slipway.Place[settings]

// plugin is the router.
type plugin struct{}

func (plugin) Describe() router.Description {
	return router.Description{
		Name:    "{name}",
		Version: "0.1.0",
		Summary: "Sends users to revisions by weight, on a load balancer with an HTTP API.",
		Schema:  schema,
		Needs:   []string{"endpoint of api"},
	}
}

func (plugin) Abilities(settings) (router.Abilities, error) {
	return router.Abilities{Weights: true}, nil
}

func (plugin) Port(settings settings) (string, error) {
	return settings.Port, nil
}

func (plugin) Observe(place place) (router.Observed, error) {
	found, err := find(place)
	return found.told(), err
}

// Route is one request for all of it: users never see half of a change.
func (plugin) Route(place place, routing router.Routing) error {
	_, err := api.PutJSON(pathOf(place), wantedOf(place.Settings.Host, routing))
	return err
}

func (plugin) Drain(place place, instance string) (uint64, error) {
	found, err := find(place)
	return found.inFlight(instance), err
}

func (plugin) Logs(place place, cursor string) (slipway.LogChunk, error) {
	if cursor == "" {
		cursor = "0"
	}
	log, err := api.Get(pathOf(place) + "/log?from=" + slipway.Escape(cursor))
	if err != nil {
		return slipway.LogChunk{}, err
	}
	next, ok := log.Header("next-offset")
	if !ok {
		next = cursor
	}
	return slipway.LogChunk{Content: log.Body, Next: next, End: len(log.Body) == 0}, nil
}

func (plugin) Metrics(place place) (string, error) {
	metrics, err := api.Get(pathOf(place) + "/metrics")
	if err != nil {
		return "", err
	}
	if !utf8.Valid(metrics.Body) {
		return "", slipway.Failedf("the metrics are not text")
	}
	return string(metrics.Body), nil
}

func (plugin) Remove(place place) error {
	return api.Remove(pathOf(place), removeTimeout)
}

// find answers an empty route where there is none yet.
func find(place place) (route, error) {
	var found route
	_, err := api.FindJSON(pathOf(place), &found)
	return found, err
}

func pathOf(place place) string {
	return "/v1/routes/" + slipway.Escape(place.Service+"-"+place.Environment)
}
