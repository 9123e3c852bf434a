// What most formats leave as it is.

package format

import (
	"errors"

	"slipway"
)

// errDefault is answered by a verb that a format has not written. The kit does in its place what is right for most.
var errDefault = errors.New("the format leaves this to the kit")

// Defaults is embedded in a format, which writes the verbs that it does differently:
//
//   - Assemble adds nothing to the package.
//   - Show puts the files of Render together.
type Defaults[S, F any] struct{}

// Assemble adds nothing.
func (Defaults[S, F]) Assemble(Artifact, F) ([]slipway.File, error) {
	return nil, nil
}

// Show is what Render makes.
func (Defaults[S, F]) Show(RenderInput[S, F]) ([]byte, error) {
	return nil, errDefault
}
