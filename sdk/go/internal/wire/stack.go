// Package wire puts what verbs answer into the types of the generated bindings, and says where a plugin went wrong.
package wire

import (
	"fmt"
	"runtime"
	"strings"
)

// deepest is how many frames are looked at.
const deepest = 64

// Stack is where a panic that was recovered came from, a line each, down to the verb. To be called by what recovered it.
func Stack() string {
	pointers := make([]uintptr, deepest)
	frames := runtime.CallersFrames(pointers[:runtime.Callers(0, pointers)])
	var lines strings.Builder
	panicked := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case panicked && strings.HasPrefix(frame.Function, "slipway/internal/wire.Answer"):
			return lines.String()
		case panicked && !strings.HasPrefix(frame.Function, "runtime."):
			fmt.Fprintf(&lines, "\n  in %s (%s:%d)", frame.Function, frame.File, frame.Line)
		}
		if !more {
			return lines.String()
		}
	}
}
