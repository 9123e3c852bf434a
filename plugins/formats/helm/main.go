// Command helm is the format `helm`: Helm charts, rendered by Helm's own engine into the objects that a Kubernetes
// target applies. Built for wasip1 as a library and made a component, so nothing here is run: the verbs are in
// internal/verbs, and the bindings put them on the wire.
//
// It has no cluster, no network and no clock. `lookup` finds nothing, as with `helm template`; what a chart would make
// at random or of the time is decided in deploy.toml or refused.
package main

import (
	"log"
	"log/slog"
	"os"

	// The exports of the component.
	_ "slipway/plugins/formats/helm/internal/bindings/exports/wit_exports"
)

// What Helm has to say goes to standard error, which is the plugin's log: it knows the time and the level by itself.
func init() {
	log.SetFlags(0)
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
			if attribute.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attribute
		},
	})))
}

func main() {}
