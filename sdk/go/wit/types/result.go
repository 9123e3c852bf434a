// A value or an error.

package types

// What a result holds.
const (
	ResultOk uint8 = iota
	ResultErr
)

// Unit is nothing, where something has to be named.
type Unit struct{}

// Result is a value or an error.
type Result[T, E any] struct {
	value T
	err   E
	tag   uint8
}

// Ok is a value.
func Ok[T, E any](value T) Result[T, E] {
	return Result[T, E]{value: value, tag: ResultOk}
}

// Err is an error.
func Err[T, E any](err E) Result[T, E] {
	return Result[T, E]{err: err, tag: ResultErr}
}

// Tag says which of the two it is.
func (r Result[T, E]) Tag() uint8 {
	return r.tag
}

// Ok gives the value; it panics where there is an error.
func (r Result[T, E]) Ok() T {
	if r.tag != ResultOk {
		panic("a result that is an error was asked for its value")
	}
	return r.value
}

// Err gives the error; it panics where there is a value.
func (r Result[T, E]) Err() E {
	if r.tag != ResultErr {
		panic("a result that is a value was asked for its error")
	}
	return r.err
}
