// What a plugin says while it works.

package slipway

import "fmt"

// Level of a line of the log.
type Level uint8

// The levels of the contract, in its order.
const (
	LevelDebug Level = iota
	LevelInfo
	// LevelWarn is shown to people.
	LevelWarn
	// LevelError is shown to people.
	LevelError
)

// Logf writes to the log of the run. It is recorded, and never fails.
func Logf(level Level, format string, arguments ...any) {
	emit(level, fmt.Sprintf(format, arguments...))
}

// Progress says how far a long call is, for whoever watches; total is 0 where nobody knows.
func Progress(what string, done, total uint64) {
	report(what, done, total)
}
