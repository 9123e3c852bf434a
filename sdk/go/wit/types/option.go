// Package types has the types of the contract that Go has not: a value that may be missing, and one that may be an
// error. Only what generated bindings use is here.
package types

// What an option holds.
const (
	OptionNone uint8 = iota
	OptionSome
)

// Option is a value that may be missing.
type Option[T any] struct {
	value T
	tag   uint8
}

// None is no value.
func None[T any]() Option[T] {
	return Option[T]{tag: OptionNone}
}

// Some is a value.
func Some[T any](value T) Option[T] {
	return Option[T]{value: value, tag: OptionSome}
}

// Tag says which of the two it is.
func (o Option[T]) Tag() uint8 {
	return o.tag
}

// Some gives the value; it panics where there is none.
func (o Option[T]) Some() T {
	if o.tag != OptionSome {
		panic("an option without a value was asked for it")
	}
	return o.value
}
