// Package process is the workload of kind `process`: what a format says about a program and a target needs to run it. It is
// a file in the deployment folder, so its fields are a format that lives longer than any plugin: they are only ever added to.
//
// Command and Env may hold `${app}`, `${config}`, `${data}`, `${instance}`, `${revision}` and `${port.NAME}`, which are known
// when an instance starts, and `${secret.NAME}`, which only the host replaces.
package process

import "slipway"

// Kind of the workload.
const Kind = "process"

// Process is a program and how it is run. What is optional is left out where nothing was said.
type Process struct {
	// Kind is always that of this package.
	Kind string `json:"kind"`
	// Artifact is its name, Digest that of its bytes.
	Artifact string       `json:"artifact"`
	Digest   slipway.Blob `json:"digest"`
	// Strip is how many leading path elements are dropped when the artifact is unpacked.
	Strip     uint32            `json:"strip"`
	Instances uint32            `json:"instances"`
	Command   []string          `json:"command"`
	Env       map[string]string `json:"env,omitempty"`
	Ports     map[string]Port   `json:"ports,omitempty"`
	Health    *Health           `json:"health,omitempty"`
	Data      Data              `json:"data,omitempty"`
	// Workdir begins with `${app}` or `${data}`.
	Workdir string    `json:"workdir,omitempty"`
	User    string    `json:"user,omitempty"`
	Restart *Restart  `json:"restart,omitempty"`
	Stop    *Stop     `json:"stop,omitempty"`
	Log     *LogLimit `json:"log,omitempty"`
}

// Port that a program listens on.
type Port struct {
	// Number 0: the target chooses a free one.
	Number uint16 `json:"number,omitempty"`
}

// Health says when an instance is well: exactly one of HTTP and TCP.
type Health struct {
	// HTTP is a path that answers `GET` with a success.
	HTTP string `json:"http,omitempty"`
	// TCP: the port takes connections.
	TCP bool `json:"tcp,omitempty"`
	// Port by its name; a format always fills it in.
	Port           string           `json:"port,omitempty"`
	Interval       slipway.Duration `json:"interval,omitempty"`
	Timeout        slipway.Duration `json:"timeout,omitempty"`
	HealthyAfter   uint32           `json:"healthy-after,omitempty"`
	UnhealthyAfter uint32           `json:"unhealthy-after,omitempty"`
	StartPeriod    slipway.Duration `json:"start-period,omitempty"`
}

// Restart says what happens when a program ends by itself.
type Restart struct {
	Policy  Policy           `json:"policy,omitempty"`
	Initial slipway.Duration `json:"initial,omitempty"`
	Max     slipway.Duration `json:"max,omitempty"`
}

// Stop says how a program is told to end.
type Stop struct {
	Signal  Signal           `json:"signal,omitempty"`
	Timeout slipway.Duration `json:"timeout,omitempty"`
}

// LogLimit says how much of its output is kept.
type LogLimit struct {
	// MaxSize is in bytes of the newest output that are kept at least.
	MaxSize uint64 `json:"max-size"`
}

// New is one instance of a program, with nothing else said.
func New(artifact string, digest slipway.Blob, command ...string) Process {
	return Process{Kind: Kind, Artifact: artifact, Digest: digest, Instances: 1, Command: command}
}
