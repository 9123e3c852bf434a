// Why a verb failed, in the words of the contract.

package slipway

import (
	"errors"
	"fmt"
	"strings"
)

// FailureKind says whose a failure is.
type FailureKind uint8

// The kinds of the contract, in its order.
const (
	// Invalid: the input is wrong.
	Invalid FailureKind = iota
	// Unsupported: it cannot be done here.
	Unsupported
	// Refused: it is not allowed.
	Refused
	// Unavailable: it may work later, and the host may try again.
	Unavailable
	// Failed: everything else.
	Failed
)

// Failure is an error for a person: what happened, where and why in one line, and the next step if there is one.
type Failure struct {
	Kind    FailureKind
	Message string
	// Hint is empty where there is no next step.
	Hint string
}

func (f *Failure) Error() string {
	return f.Message
}

// WithHint adds the next step.
func (f *Failure) WithHint(format string, arguments ...any) *Failure {
	f.Hint = fmt.Sprintf(format, arguments...)
	return f
}

// Invalidf says what is wrong with the input.
func Invalidf(format string, arguments ...any) *Failure {
	return failure(Invalid, format, arguments)
}

// Unsupportedf says what cannot be done here.
func Unsupportedf(format string, arguments ...any) *Failure {
	return failure(Unsupported, format, arguments)
}

// Refusedf says what is not allowed.
func Refusedf(format string, arguments ...any) *Failure {
	return failure(Refused, format, arguments)
}

// Unavailablef says what may work later.
func Unavailablef(format string, arguments ...any) *Failure {
	return failure(Unavailable, format, arguments)
}

// Failedf says what else went wrong.
func Failedf(format string, arguments ...any) *Failure {
	return failure(Failed, format, arguments)
}

// AsFailure makes one of any error. One that wraps a failure (`%w`) keeps its kind and its hint and says more; any other is
// [Failed]. The lines of a message become one.
func AsFailure(err error) *Failure {
	told := Failure{Kind: Failed}
	if found, ok := errors.AsType[*Failure](err); ok {
		told = *found
	}
	lines := strings.FieldsFunc(err.Error(), func(c rune) bool { return c == '\n' || c == '\r' })
	told.Message = strings.Join(lines, "; ")
	return &told
}

func failure(kind FailureKind, format string, arguments []any) *Failure {
	return &Failure{Kind: kind, Message: fmt.Sprintf(format, arguments...)}
}
