// A chart with the subcharts that are not in it, and the values files beside it.

package verbs

import (
	"bytes"
	"encoding/json"
	"maps"

	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/failure"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// complete loads the chart with every subchart that it names. Where those of HTTP repositories are was found when the
// release read their indexes.
func complete(host Host, input RenderInput) (from sources, loaded *chart.Chart, err error) {
	if from.files, err = host.Files(input.Artifact.Blob); err != nil {
		return from, nil, err
	}
	if loaded, err = from.load(); err != nil {
		return from, nil, err
	}
	if err = charts.Installable(loaded); err != nil {
		return from, nil, err
	}
	var known facts
	if input.Facts != "" {
		if err = json.Unmarshal([]byte(input.Facts), &known); err != nil {
			return from, nil, failure.Invalidf("the facts: %v", err)
		}
	}
	missing, err := charts.MissingOf(loaded, func(_ string, lacking charts.Missing) (string, error) {
		return known.Fetched[lacking.Key()], nil
	})
	if err != nil {
		return from, nil, err
	}
	for _, subchart := range missing {
		there, err := from.fetch(host, subchart, input.Resolved)
		if err != nil {
			return from, nil, err
		}
		if !there {
			return from, nil, failure.Invalidf("subchart %s: %s was not brought by the release",
				subchart.Name, subchart.Reference+subchart.Index).
				WithHint("release again; `slipway render` fetches nothing: `helm dependency build` puts it into charts/")
		}
	}
	if len(from.fetched) > 0 {
		if loaded, err = from.load(); err != nil {
			return from, nil, err
		}
	}
	return from, loaded, charts.Complete(loaded)
}

// fetch adds a subchart, if it was brought.
func (s *sources) fetch(host Host, subchart charts.Missing, resolved []Resolved) (bool, error) {
	brought, there := broughtAs(subchart.Reference, resolved)
	if !there {
		return false, nil
	}
	files, err := host.Files(brought.Digest)
	if err != nil {
		return false, err
	}
	s.fetched = append(s.fetched, charts.Fetched{Name: subchart.Name + "-" + subchart.Version, Files: files})
	return true, nil
}

// inIndexes looks subcharts up in the indexes that were brought.
func inIndexes(host Host, brought []Resolved) charts.Find {
	return func(index string, lacking charts.Missing) (string, error) {
		found, there := broughtAs(index, brought)
		if !there {
			return "", nil
		}
		content, err := host.Read(found.Digest)
		if err != nil {
			return "", err
		}
		return charts.InIndex(content, index, lacking)
	}
}

func broughtAs(reference string, resolved []Resolved) (Resolved, bool) {
	for _, one := range resolved {
		if one.Reference == reference {
			return one, true
		}
	}
	return Resolved{}, false
}

// besideManifest is how a file in the folder of deploy.toml is named.
const besideManifest = "./"

// valuesOf reads values files, the later over the earlier.
func valuesOf(host Host, files []string, resolved []Resolved) (map[string]any, error) {
	values := map[string]any{}
	for _, name := range files {
		brought, there := broughtAs(besideManifest+name, resolved)
		if !there {
			return nil, failure.Invalidf("`values-files`: %s was not brought by the release", name).
				WithHint("it stands in the folder of deploy.toml; release again when it is there")
		}
		content, err := host.Read(brought.Digest)
		if err != nil {
			return nil, err
		}
		read, err := loader.LoadValues(bytes.NewReader(content))
		if err != nil {
			return nil, failure.Invalidf("`values-files`: %s: %v", name, err)
		}
		values = loader.MergeMaps(values, read)
	}
	return values, nil
}

// over puts the values of deploy.toml over those of files, as Helm puts those of one file over those of another.
func over(base, values map[string]any) map[string]any {
	return loader.MergeMaps(maps.Clone(base), values)
}
