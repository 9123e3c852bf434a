// Command helm is the format `helm`: Helm charts, rendered by Helm's own engine into the objects that a Kubernetes
// target applies. Built for wasip1 as a library and made a component, so nothing here is run: the verbs are in
// internal/verbs, and the bindings put them on the wire.
//
// It has no cluster, no network and no clock. `lookup` finds nothing, as with `helm template`, unless deploy.toml and the
// operator let it; what a chart would make at random or of the time is decided in deploy.toml or refused.
package main

import (
	"runtime/debug"

	// The exports of the component.
	_ "slipway/plugins/formats/helm/internal/bindings/exports/wit_exports"
)

// memory is what the collector keeps to, below the 256 MiB at which the host ends the call.
const memory = 192 << 20

func init() {
	debug.SetMemoryLimit(memory)
	// The host says where it was; goroutines are nothing that a person can use.
	debug.SetTraceback("none")
}

func main() {}
