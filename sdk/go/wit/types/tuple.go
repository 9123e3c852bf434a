// Values that belong together.

package types

// Tuple2 is two values.
type Tuple2[T0, T1 any] struct {
	F0 T0
	F1 T1
}
