// Subcharts under the names that the chart above gives them.

package charts

import chart "helm.sh/helm/v4/pkg/chart/v2"

// Aliased renames subcharts as their values are called, all of them: those that are switched off too, which Helm's own
// way to do it takes away.
func Aliased(of *chart.Chart) {
	var called []*chart.Chart
	for _, subchart := range of.Dependencies() {
		Aliased(subchart)
		plain := true
		for _, named := range of.Metadata.Dependencies {
			if named.Name != subchart.Name() {
				continue
			}
			plain = false
			copied, metadata := *subchart, *subchart.Metadata
			if named.Alias != "" {
				metadata.Name = named.Alias
			}
			copied.Metadata = &metadata
			called = append(called, &copied)
		}
		if plain {
			called = append(called, subchart)
		}
	}
	of.SetDependencies(called...)
}
