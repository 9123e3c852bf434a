// What several roles speak of.

package slipway

// Place is one service in one environment, with the plugin's settings.
type Place[S any] struct {
	Service     string
	Environment string
	Settings    S
}

// File is one of a deployment folder, a package or an archive.
type File struct {
	// Path is relative, with `/`, and never leaves its folder.
	Path    string
	Content []byte
}

// Variable is one of a program's environment.
type Variable struct {
	Name  string
	Value string
}

// LogChunk is a piece of a log, at most 1 MiB.
type LogChunk struct {
	Content []byte
	// Next is the cursor that the next call is asked with.
	Next string
	// End: there is no more for now.
	End bool
}

// Effect is what a call does to the outside.
type Effect uint8

// The classes of the contract, in its order.
const (
	// EffectRead changes nothing.
	EffectRead Effect = iota
	// EffectIdempotent may be repeated safely.
	EffectIdempotent
	// EffectOnce must not be repeated: where nobody knows whether it happened a person is asked. Where it did, its answer is
	// lost, and the plugin is told of an empty success: status 204, or exit code 0 without output.
	EffectOnce
)
