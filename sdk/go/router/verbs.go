// From a call with settings as text to a router with settings of its own type.

package router

import (
	"slipway"
	"slipway/internal/parse"
)

// text is a place whose settings nobody has understood yet.
type text = slipway.Place[string]

// verbs are a router as the bindings call it, whatever its settings are.
type verbs interface {
	describe() Description
	abilities(place text) (Abilities, error)
	port(place text) (string, error)
	observe(place text) (Observed, error)
	route(place text, routing Routing) error
	drain(place text, instance string) (uint64, error)
	logs(place text, cursor string) (slipway.LogChunk, error)
	metrics(place text) (string, error)
	remove(place text) error
}

// exported is what the bindings call.
var exported verbs

// Export makes a router the plugin's. To be called in an `init` function: nothing else of a plugin is run before its verbs are.
func Export[S any](router Router[S]) {
	exported = of[S]{router}
}

// of is the one that is exported.
type of[S any] struct {
	router Router[S]
}

func (o of[S]) describe() Description {
	return o.router.Describe()
}

func (o of[S]) abilities(place text) (Abilities, error) {
	return parse.At(place, func(place slipway.Place[S]) (Abilities, error) {
		return o.router.Abilities(place.Settings)
	})
}

func (o of[S]) port(place text) (string, error) {
	return parse.At(place, func(place slipway.Place[S]) (string, error) { return o.router.Port(place.Settings) })
}

func (o of[S]) observe(place text) (Observed, error) {
	return parse.At(place, o.router.Observe)
}

func (o of[S]) route(place text, routing Routing) error {
	return parse.Do(place, func(place slipway.Place[S]) error { return o.router.Route(place, routing) })
}

func (o of[S]) drain(place text, instance string) (uint64, error) {
	return parse.At(place, func(place slipway.Place[S]) (uint64, error) { return o.router.Drain(place, instance) })
}

func (o of[S]) logs(place text, cursor string) (slipway.LogChunk, error) {
	return parse.At(place, func(place slipway.Place[S]) (slipway.LogChunk, error) {
		return o.router.Logs(place, cursor)
	})
}

func (o of[S]) metrics(place text) (string, error) {
	return parse.At(place, o.router.Metrics)
}

func (o of[S]) remove(place text) error {
	return parse.Do(place, o.router.Remove)
}
