// What verbs answer, in the types of the bindings.

package wire

import (
	"slipway"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

// Result is what the bindings want of a verb.
type Result[T any] = wit.Result[T, types.Failure]

// Answer runs a verb and tells what came of it.
func Answer[T, W any](verb func() (T, error), as func(T) W) Result[W] {
	defer Guard()
	value, err := verb()
	if err != nil {
		return wit.Err[W](told(err))
	}
	return wit.Ok[W, types.Failure](as(value))
}

// Done is Answer for a verb that answers nothing.
func Done(verb func() error) Result[wit.Unit] {
	nothing := func() (wit.Unit, error) { return wit.Unit{}, verb() }
	return Answer(nothing, Same)
}

// Same is for what both sides have the same type for.
func Same[T any](value T) T {
	return value
}

// Each of a list.
func Each[A, B any](as func(A) B) func([]A) []B {
	return func(list []A) []B {
		made := make([]B, 0, len(list))
		for _, element := range list {
			made = append(made, as(element))
		}
		return made
	}
}

// Maybe is a value that is said, or none where it is the zero value.
func Maybe[T comparable](value T) wit.Option[T] {
	var none T
	if value == none {
		return wit.None[T]()
	}
	return wit.Some(value)
}

// Pointed is what a pointer leads to, or none.
func Pointed[A, B any](as func(A) B) func(*A) wit.Option[B] {
	return func(value *A) wit.Option[B] {
		if value == nil {
			return wit.None[B]()
		}
		return wit.Some(as(*value))
	}
}

// Or is the value of an option, or the zero value.
func Or[T any](option wit.Option[T]) T {
	if option.Tag() == wit.OptionSome {
		return option.Some()
	}
	var none T
	return none
}

// Place has settings that nobody has understood yet.
func Place(place types.Place) slipway.Place[string] {
	return slipway.Place[string](place)
}

// File is one.
func File(file slipway.File) types.File {
	return types.File(file)
}

func told(err error) types.Failure {
	failure := slipway.AsFailure(err)
	return types.Failure{Kind: uint8(failure.Kind), Message: failure.Message, Hint: Maybe(failure.Hint)}
}
