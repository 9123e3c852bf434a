// What Helm checks of a chart before it renders it.

package charts

import (
	"strings"

	"slipway/plugins/formats/helm/internal/failure"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// Installable refuses what Helm refuses to install.
func Installable(loaded *chart.Chart) error {
	switch loaded.Metadata.APIVersion {
	case chart.APIVersionV1, chart.APIVersionV2:
	default:
		return failure.Invalidf("invalid chart apiVersion").
			WithHint("Chart.yaml says apiVersion %q, and this Helm reads v1 and v2", loaded.Metadata.APIVersion)
	}
	switch loaded.Metadata.Type {
	case "", "application":
		return nil
	default:
		return failure.Invalidf("%s charts are not installable", loaded.Metadata.Type).
			WithHint("a library chart is named by the charts that use it, under `dependencies` of their Chart.yaml")
	}
}

// Complete refuses a chart that names subcharts which it does not have.
func Complete(loaded *chart.Chart) error {
	var missing []string
	for _, named := range loaded.Metadata.Dependencies {
		if !has(loaded, named) {
			missing = append(missing, named.Name)
		}
	}
	if len(missing) > 0 {
		return failure.Invalidf("found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(missing, ", ")).
			WithHint(Vendor)
	}
	return nil
}
