// Package failure is why a verb failed, in the words of the contract: a kind, what happened, the next step. Whatever
// else goes wrong becomes one of these at the edge.
package failure

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says who can do something about it.
type Kind int

// The kinds of the contract.
const (
	// Invalid: the input is wrong.
	Invalid Kind = iota
	// Unsupported: it cannot be done here.
	Unsupported
	// Refused: it is not allowed.
	Refused
	// Unavailable: it may work later.
	Unavailable
	// Failed: everything else.
	Failed
)

// Failure is for a person.
type Failure struct {
	Kind    Kind
	Message string
	Hint    string
}

func (f *Failure) Error() string {
	return f.Message
}

// Invalidf says what is wrong with the input.
func Invalidf(format string, arguments ...any) *Failure {
	return &Failure{Kind: Invalid, Message: fmt.Sprintf(format, arguments...)}
}

// Unsupportedf says what cannot be done.
func Unsupportedf(format string, arguments ...any) *Failure {
	return &Failure{Kind: Unsupported, Message: fmt.Sprintf(format, arguments...)}
}

// WithHint adds the next step.
func (f *Failure) WithHint(format string, arguments ...any) *Failure {
	f.Hint = fmt.Sprintf(format, arguments...)
	return f
}

// Of makes one of any error; what is one already stays as it is. The lines of a message stay lines.
func Of(err error) *Failure {
	if found, ok := errors.AsType[*Failure](err); ok {
		return found
	}
	return &Failure{Kind: Invalid, Message: strings.TrimSpace(err.Error())}
}
