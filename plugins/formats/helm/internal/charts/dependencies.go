// Subcharts that a chart names and does not hold: which, in which version, from where.

package charts

import (
	"fmt"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"

	"github.com/Masterminds/semver/v3"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/util"
)

// Missing is a subchart that the chart names and does not have.
type Missing struct {
	Name    string
	Version string
	// Reference of its archive: `oci://host/path/name:version` or `https://...`, with `#sha256:...` where an index has
	// its digest; empty while the index of its repository has not been read.
	Reference string
	// Index of its repository, where that says where the archive is.
	Index string
	// Place where it is named, for people.
	Place string
}

// Vendor is the next step for a subchart that cannot be brought.
const Vendor = "run `helm dependency build` in the chart's folder (`helm dependency update` if there is no Chart.lock), " +
	"so that charts/ holds its subcharts"

// MissingOf lists the subcharts of a chart that are not in its charts/, with where they are to be had. Helm wants
// all that are named, switched on or not, and so do we: what an environment switches on must be there. Where those of
// HTTP repositories are is looked up.
func MissingOf(loaded *chart.Chart, find Find) ([]Missing, error) {
	var missing []Missing
	seen := map[string]bool{}
	for at, named := range loaded.Metadata.Dependencies {
		if has(loaded, named) {
			continue
		}
		place := fmt.Sprintf("Chart.yaml: dependencies/%d (%s)", at, named.Name)
		version, err := locked(loaded, named, at)
		if err != nil {
			return nil, err
		}
		lacking := Missing{Name: named.Name, Version: version, Place: place}
		if err := lacking.locate(named, find); err != nil {
			return nil, err
		}
		// One that is there under two aliases is one archive.
		if key := lacking.Key(); !seen[key] {
			seen[key] = true
			missing = append(missing, lacking)
		}
	}
	return missing, nil
}

// has goes by the name alone, as Helm does: what is in charts/ was put there by somebody.
func has(loaded *chart.Chart, named *chart.Dependency) bool {
	for _, subchart := range loaded.Dependencies() {
		if subchart.Name() == named.Name {
			return true
		}
	}
	return false
}

// locked gives the one version that is meant: that of Chart.lock, or the one that Chart.yaml names where it names one.
func locked(loaded *chart.Chart, named *chart.Dependency, at int) (string, error) {
	if loaded.Lock != nil && at < len(loaded.Lock.Dependencies) {
		// In the order of Chart.yaml, under its own name and not under an alias.
		if pinned := loaded.Lock.Dependencies[at]; pinned != nil && pinned.Name == named.Name {
			if !util.IsCompatibleRange(named.Version, pinned.Version) {
				return "", failure.Invalidf("Chart.lock has %s %s, and Chart.yaml wants %s",
					named.Name, pinned.Version, named.Version).
					WithHint("run `helm dependency update` in the chart's folder")
			}
			return pinned.Version, nil
		}
	}
	if _, err := semver.StrictNewVersion(strings.TrimPrefix(named.Version, "v")); err != nil {
		return "", failure.Invalidf("subchart %s: %q is not one version, and there is no Chart.lock that says which one is meant",
			named.Name, named.Version).WithHint(Vendor)
	}
	return named.Version, nil
}

// Find tells where the archive of a subchart is, given the index of its repository; empty if nobody knows yet.
type Find func(index string, lacking Missing) (reference string, err error)

// Key of a subchart among those of one chart.
func (m Missing) Key() string {
	return m.Name + " " + m.Version
}

// locate finds where the archive is to be had. A registry says so by itself; where a repository keeps one stands in its
// index.
func (m *Missing) locate(named *chart.Dependency, find Find) error {
	repository := strings.TrimSuffix(named.Repository, "/")
	if strings.HasPrefix(repository, "oci://") {
		m.Reference = fmt.Sprintf("%s/%s:%s", repository, named.Name, tagOf(m.Version))
		return nil
	}
	if strings.HasPrefix(repository, "http://") || strings.HasPrefix(repository, "https://") {
		var err error
		m.Index = repository + "/index.yaml"
		m.Reference, err = find(m.Index, *m)
		return err
	}
	var why string
	switch {
	case repository == "":
		why = "no repository is named for it"
	case strings.HasPrefix(repository, "file://"):
		why = fmt.Sprintf("%s is a folder beside the chart, which is not a part of the artifact", repository)
	default:
		why = fmt.Sprintf("%s is a name that only Helm's own configuration knows", repository)
	}
	return failure.Unsupportedf("found in Chart.yaml, but missing in charts/ directory: %s: %s", named.Name, why).
		WithHint(Vendor)
}

// tagOf a version: a tag has no `+`, and Helm writes `_`.
func tagOf(version string) string {
	return strings.ReplaceAll(version, "+", "_")
}
