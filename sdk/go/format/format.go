// Package format is the role of a format: knows how one kind of artifact is packaged, and nothing of strategy.
package format

import (
	"encoding/json"

	"slipway"
)

// Format knows one kind of artifact. S are its settings in deploy.toml with every template expanded; F is what Inspect found
// out and Render wants to know, which is kept in the package as JSON. No verb has any effects but reads. Embed [Defaults] for
// what most formats leave as it is.
type Format[S, F any] interface {
	// Describe says what the format is. Has no effects.
	Describe() Description
	// Inspect says at release what an artifact is, and whether it is sound. Once per artifact and digest; and again with all
	// that was brought for it while it names files that it has not seen: the last answer counts.
	Inspect(artifact Artifact) (Inspection[F], error)
	// Assemble says at release what the package must hold besides the artifact and the configuration.
	Assemble(artifact Artifact, facts F) ([]slipway.File, error)
	// Render makes the deployment files of one environment. Pure: the same input gives the same bytes.
	Render(input RenderInput[S, F]) (Rendered, error)
	// Show is what Render makes of it, as people of this format read it. Needs nothing resolved. Pure.
	Show(input RenderInput[S, F]) ([]byte, error)
}

// Description is what a format says of itself.
type Description struct {
	Name    string
	Version string
	// Summary is one line, for people.
	Summary string
	// Schema is the JSON Schema of the settings beside `format` and `from`, usually an embedded file.
	Schema string
}

// Artifact is one that is released.
type Artifact struct {
	Name string
	Blob slipway.Blob
	// Size is in bytes.
	Size uint64
	// Settings are as written in deploy.toml: any value may still be a template, so they have no type of their own yet.
	Settings json.RawMessage
	// Brought is what Inspect had asked for and was brought: it is asked again with it.
	Brought []Resolved
}

// Inspection is what an artifact is.
type Inspection[F any] struct {
	// Summary is one line, for people.
	Summary string
	Facts   F
	// Dependencies are what the artifact needs and does not hold.
	Dependencies []Dependency
	// Notes are what people should know of it, a line each, such as what of it will not happen.
	Notes []string
}

// RenderInput is all that Render may know.
type RenderInput[S, F any] struct {
	Service     string
	Environment string
	// Artifact is its name, Blob the digest of its bytes.
	Artifact string
	Blob     slipway.Blob
	Facts    F
	Settings S
	// Written are the same settings as they came, to say where values are from.
	Written json.RawMessage
	// Config are the paths of the final configuration files.
	Config []string
	// Resolved is what release made of the dependencies.
	Resolved []Resolved
	// Target are the settings of the environment's target as deploy.toml has them; an empty object where there is none.
	Target json.RawMessage
}

// Rendered is what a deployment folder gets.
type Rendered struct {
	Files []slipway.File
	// Workload is nil where nothing runs.
	Workload *Workload
	Origins  []Origin
	// Notes are as those of an inspection, of one environment.
	Notes []string
}

// Workload is something that a target can run.
type Workload struct {
	// Kind is what a target must understand, such as process.Kind.
	Kind string
	// File is the one among the files that says everything.
	File      string
	Instances uint32
	Ports     []string
	// Exclusive is why two revisions cannot run side by side; empty if they can.
	Exclusive string
}
