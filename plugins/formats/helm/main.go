// Command helm is the format `helm`: Helm charts, rendered by Helm's own engine into the objects that a Kubernetes
// target applies. Built for wasip1 as a library and made a component, so nothing here is run: the verbs are in
// internal/verbs, and the bindings put them on the wire.
//
// It has no cluster, no network and no clock. `lookup` finds nothing, as with `helm template`; what a chart would make
// at random or of the time is decided in deploy.toml or refused.
package main

// The exports of the component.
import _ "slipway/plugins/formats/helm/internal/bindings/exports/wit_exports"

func main() {}
