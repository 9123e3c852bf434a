// What most targets leave as it is.

package target

import (
	"errors"
	"time"

	"slipway"
)

// errDefault is answered by a verb that a target has not written. The kit does in its place what is right for most.
var errDefault = errors.New("the target leaves this to the kit")

// Defaults is embedded in a target, which writes the verbs that it does differently:
//
//   - Plan compares what Observe finds by names and revisions ([Changes]).
//   - Claim marks nothing: most places are known from one ledger alone.
//   - ProbeSince does not wait, and answers what Probe finds.
//   - Guard, Adopt, Hold, Execute and Dismiss are unsupported.
type Defaults[S any] struct{}

// Plan is [Changes] of what Observe finds.
func (Defaults[S]) Plan(slipway.Place[S], []Spec) ([]Change, error) {
	return nil, errDefault
}

// Claim marks nothing.
func (Defaults[S]) Claim(slipway.Place[S], string, time.Duration) (*Holder, error) {
	return nil, nil
}

// Guard is unsupported.
func (Defaults[S]) Guard(slipway.Place[S], time.Duration) (string, error) {
	return "", errDefault
}

// Adopt is unsupported.
func (Defaults[S]) Adopt(slipway.Place[S], Spec, bool) ([]Change, error) {
	return nil, errDefault
}

// ProbeSince is Probe.
func (Defaults[S]) ProbeSince(slipway.Place[S], string, string, time.Duration) (*Probed, error) {
	return nil, errDefault
}

// Hold is unsupported.
func (Defaults[S]) Hold(slipway.Place[S], string, bool) error {
	return errDefault
}

// Execute is unsupported.
func (Defaults[S]) Execute(slipway.Place[S], Task, bool, time.Duration) (*Ended, error) {
	return nil, errDefault
}

// Dismiss is unsupported.
func (Defaults[S]) Dismiss(slipway.Place[S], Task) error {
	return errDefault
}
