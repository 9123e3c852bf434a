// What Go's runtime does where a plugin goes wrong, or takes too much.

package wire

import (
	"os"
	"runtime/debug"

	"slipway"
)

// memory is what the collector keeps to, below the 256 MiB at which the host ends a call.
const memory = 192 << 20

func init() {
	debug.SetMemoryLimit(memory)
}

// Guard is deferred by every verb: wasm would only trap, so a panic and where it happened are logged first.
func Guard() {
	panicked := recover()
	if panicked == nil {
		return
	}
	slipway.Logf(slipway.LevelError, "panic: %v%s", panicked, Stack())
	// To go on panicking would tell all of it once more. This traps: there is no system that it could end.
	os.Exit(2)
}
