// Package target is the role of a target: runs instances at one kind of place.
package target

import (
	"time"

	"slipway"
)

// Target runs instances. S are its settings in deploy.toml. Every verb may be called again at any time after an interruption:
// Start and Stop of what is already so change nothing. Embed [Defaults] for what most targets leave as it is.
type Target[S any] interface {
	// Describe says what the target is. Has no effects.
	Describe() Description
	// Abilities are what can be done at a place with these settings. Has no effects.
	Abilities(settings S) (Abilities, error)
	// Observe says what runs there now. Only reads.
	Observe(place slipway.Place[S]) ([]Instance, error)
	// Plan says what would change if exactly these instances were to run. Only reads.
	Plan(place slipway.Place[S], desired []Spec) ([]Change, error)
	// Claim marks the place, for so many whole seconds, as changed by one writer, or renews the mark; 0 takes it away. It
	// answers who has it: where that is somebody else, nothing is marked. Nil: nobody else knows the places. Never has
	// effects that are `once`.
	Claim(place slipway.Place[S], by string, duration time.Duration) (*Holder, error)
	// Guard sets a dead man's switch, or renews it: unless it is renewed within so many whole seconds, the place brings back
	// by itself what ran when it was set, until 0 takes it away. It answers what came of one that had gone off before, or
	// nothing. Only for targets whose abilities say so. Never has effects that are `once`.
	Guard(place slipway.Place[S], duration time.Duration) (string, error)
	// Start begins to run an instance, or takes the next step of one that is Partial; it does not wait until it is healthy.
	Start(place slipway.Place[S], instance Spec) error
	// Adopt makes what others have deployed there an instance, as it runs and without restarting any of it. Where something
	// would have to change for that it refuses, unless changes allows it. It answers what a person should know.
	Adopt(place slipway.Place[S], instance Spec, changes bool) ([]Change, error)
	// Probe says what one instance is now; nil if it is not there. Only reads.
	Probe(place slipway.Place[S], name string) (*Instance, error)
	// ProbeSince is Probe for a target that can wait for a change: with since, what an earlier one answered as Next, it waits
	// at most so long until something may have changed, and is nil if nothing has. Only reads.
	ProbeSince(place slipway.Place[S], name, since string, wait time.Duration) (*Probed, error)
	// Hold holds what Start has begun where it is, or lets it go on. Only for targets whose abilities say so.
	Hold(place slipway.Place[S], name string, on bool) error
	// Stop ends an instance and waits until it has ended. Its logs stay.
	Stop(place slipway.Place[S], name string) error
	// Logs are those of an instance after a cursor (empty: from the beginning), at most 1 MiB a call. Only reads.
	Logs(place slipway.Place[S], name, cursor string) (slipway.LogChunk, error)
	// Cleanup removes what a revision has left, when it is kept no longer and no instance of it runs.
	Cleanup(place slipway.Place[S], revision string) error
	// Execute begins a task unless the place knows one of its name already, waits at most so long, and answers how it has
	// ended, or nil if it still runs. With begun it is never begun, and one that is not there any more is a failure. Only for
	// targets whose abilities say so. Never has effects that are `once`.
	Execute(place slipway.Place[S], task Task, begun bool, wait time.Duration) (*Ended, error)
	// Dismiss ends a task if it still runs, and removes what it has left. Only for targets whose abilities say so.
	Dismiss(place slipway.Place[S], task Task) error
}

// Description is what a target says of itself.
type Description struct {
	Name    string
	Version string
	// Summary is one line, for people.
	Summary string
	// Schema is the JSON Schema of the settings, usually an embedded file.
	Schema string
	// Workloads are the kinds that it runs, such as process.Kind.
	Workloads []string
	// Needs are what it wants granted, in the words of the contract, such as `endpoint of api` and `folder deployment`.
	Needs []string
}
