// From a call with settings as text to a target with settings of its own type, with the defaults of what it has not written.

package target

import (
	"errors"
	"time"

	"slipway"
	"slipway/internal/parse"
)

// text is a place whose settings nobody has understood yet.
type text = slipway.Place[string]

// verbs are a target as the bindings call it, whatever its settings are.
type verbs interface {
	describe() Description
	abilities(place text) (Abilities, error)
	observe(place text) ([]Instance, error)
	plan(place text, desired []Spec) ([]Change, error)
	claim(place text, by string, duration time.Duration) (*Holder, error)
	guard(place text, duration time.Duration) (string, error)
	start(place text, instance Spec) error
	adopt(place text, instance Spec, changes bool) ([]Change, error)
	probe(place text, name, since string, wait time.Duration) (*Probed, error)
	hold(place text, name string, on bool) error
	stop(place text, name string) error
	logs(place text, name, cursor string) (slipway.LogChunk, error)
	cleanup(place text, revision string) error
	execute(place text, task Task, begun bool, wait time.Duration) (*Ended, error)
	dismiss(place text, task Task) error
}

// of is the one that is exported.
type of[S any] struct {
	target Target[S]
}

func (o of[S]) describe() Description {
	return o.target.Describe()
}

func (o of[S]) abilities(place text) (Abilities, error) {
	return parse.At(place, func(place slipway.Place[S]) (Abilities, error) {
		return o.target.Abilities(place.Settings)
	})
}

func (o of[S]) observe(place text) ([]Instance, error) {
	return parse.At(place, o.target.Observe)
}

func (o of[S]) plan(place text, desired []Spec) ([]Change, error) {
	return parse.At(place, func(place slipway.Place[S]) ([]Change, error) {
		changes, err := o.target.Plan(place, desired)
		if !errors.Is(err, errDefault) {
			return changes, err
		}
		observed, err := o.target.Observe(place)
		return Changes(observed, desired), err
	})
}

func (o of[S]) claim(place text, by string, duration time.Duration) (*Holder, error) {
	return parse.At(place, func(place slipway.Place[S]) (*Holder, error) {
		return o.target.Claim(place, by, duration)
	})
}

func (o of[S]) guard(place text, duration time.Duration) (string, error) {
	return parse.At(place, func(place slipway.Place[S]) (string, error) {
		said, err := o.target.Guard(place, duration)
		return said, o.or(err, "does not come back by itself")
	})
}

func (o of[S]) start(place text, instance Spec) error {
	return parse.Do(place, func(place slipway.Place[S]) error { return o.target.Start(place, instance) })
}

func (o of[S]) adopt(place text, instance Spec, changes bool) ([]Change, error) {
	return parse.At(place, func(place slipway.Place[S]) ([]Change, error) {
		told, err := o.target.Adopt(place, instance, changes)
		return told, o.or(err, "takes nothing over that others have deployed")
	})
}

func (o of[S]) probe(place text, name, since string, wait time.Duration) (*Probed, error) {
	return parse.At(place, func(place slipway.Place[S]) (*Probed, error) {
		probed, err := o.target.ProbeSince(place, name, since, wait)
		if !errors.Is(err, errDefault) {
			return probed, err
		}
		found, err := o.target.Probe(place, name)
		return &Probed{Instance: found}, err
	})
}

func (o of[S]) hold(place text, name string, on bool) error {
	return parse.Do(place, func(place slipway.Place[S]) error {
		return o.or(o.target.Hold(place, name, on), "cannot hold what it has begun")
	})
}

func (o of[S]) stop(place text, name string) error {
	return parse.Do(place, func(place slipway.Place[S]) error { return o.target.Stop(place, name) })
}

func (o of[S]) logs(place text, name, cursor string) (slipway.LogChunk, error) {
	return parse.At(place, func(place slipway.Place[S]) (slipway.LogChunk, error) {
		return o.target.Logs(place, name, cursor)
	})
}

func (o of[S]) cleanup(place text, revision string) error {
	return parse.Do(place, func(place slipway.Place[S]) error { return o.target.Cleanup(place, revision) })
}

func (o of[S]) execute(place text, task Task, begun bool, wait time.Duration) (*Ended, error) {
	return parse.At(place, func(place slipway.Place[S]) (*Ended, error) {
		ended, err := o.target.Execute(place, task, begun, wait)
		return ended, o.or(err, noTasks)
	})
}

func (o of[S]) dismiss(place text, task Task) error {
	return parse.Do(place, func(place slipway.Place[S]) error {
		return o.or(o.target.Dismiss(place, task), noTasks)
	})
}

const noTasks = "runs no programs of its own"

// or is the error, unless the target leaves it to the kit: then it does not do such a thing.
func (o of[S]) or(err error, cannot string) error {
	if errors.Is(err, errDefault) {
		return slipway.Unsupportedf("target %s %s", o.target.Describe().Name, cannot)
	}
	return err
}
