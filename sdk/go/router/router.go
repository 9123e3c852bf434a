// Package router is the role of a router: sends users to revisions by weight.
package router

import "slipway"

// Router sends users to revisions. S are its settings in deploy.toml. Every verb may be called again at any time after an
// interruption.
type Router[S any] interface {
	// Describe says what the router is. Has no effects.
	Describe() Description
	// Abilities are what can be done at a place with these settings. Has no effects.
	Abilities(settings S) (Abilities, error)
	// Port is the name of the port of an instance to send users to. Only reads.
	Port(settings S) (string, error)
	// Observe says who is sent where now. Only reads.
	Observe(place slipway.Place[S]) (Observed, error)
	// Route sets the whole routing at once. Instances that are not named any more finish their requests and get no new ones.
	Route(place slipway.Place[S], routing Routing) error
	// Drain says how many requests are still under way at instances of this name. Only reads.
	Drain(place slipway.Place[S], instance string) (uint64, error)
	// Logs are the access log after a cursor, at most 1 MiB a call. Empty: from the beginning; `end`: nothing, and where it
	// ends now. Only reads.
	Logs(place slipway.Place[S], cursor string) (slipway.LogChunk, error)
	// Metrics are counters per revision, as Prometheus text. Only reads.
	Metrics(place slipway.Place[S]) (string, error)
	// Remove ends the route.
	Remove(place slipway.Place[S]) error
}

// Description is what a router says of itself.
type Description struct {
	Name    string
	Version string
	// Summary is one line, for people.
	Summary string
	// Schema is the JSON Schema of the settings, usually an embedded file.
	Schema string
	// Needs are what it wants granted, in the words of the contract, such as `endpoint of api`.
	Needs []string
}

// Abilities are what can be done at one place.
type Abilities struct {
	// Weights: it can send shares other than all or nothing.
	Weights bool
	// Preview: it can show one revision at an address of its own.
	Preview bool
	// Baseline: it can hold some instances of a share apart, with a weight of their own. Only then shares have one.
	Baseline bool
}

// Routing is who is to be sent where.
type Routing struct {
	Shares []Share
	// Preview is the revision to show at the preview address; empty for none.
	Preview string
}

// Share of the users, of a revision.
type Share struct {
	Revision string
	Weight   uint32
	Backends []Backend
	// Baseline is nil for none.
	Baseline *Baseline
}

// Backend is an instance that users are sent to, as host:port.
type Backend struct {
	Instance string
	Address  string
}

// Baseline is some of a share's instances: together they get this much of its weight, and the others the rest. What comes to
// them is counted with the label `group="baseline"`.
type Baseline struct {
	Weight    uint32
	Instances []string
}

// Observed is who is sent where.
type Observed struct {
	// Address is where users come in, as host:port; empty before the first Route.
	Address string
	// PreviewAddress is empty where there is none.
	PreviewAddress string
	Flows          []Flow
}

// Flow to one instance.
type Flow struct {
	Revision string
	Instance string
	Weight   uint32
	InFlight uint64
}
