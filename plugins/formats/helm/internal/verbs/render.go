// The verb `render`.

package verbs

import (
	"text/template"

	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/failure"
	"slipway/plugins/formats/helm/internal/objects"
	"slipway/plugins/formats/helm/internal/settings"
	"slipway/plugins/formats/helm/internal/templates"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// Resolved is a dependency that release has brought.
type Resolved struct {
	Reference string
	Digest    string
	// Pull is what to write instead of an image's reference; empty where it stands as it is written.
	Pull string
}

// RenderInput is a chart in one environment.
type RenderInput struct {
	Service     string
	Environment string
	Artifact    Artifact
	// Facts that Inspect has found.
	Facts string
	// Settings with every template expanded.
	Settings string
	Resolved []Resolved
	// Target is the settings of the environment's target.
	Target string
}

// Rendered is the file of the workload, and what the host wants to know of it.
type Rendered struct {
	Kind    string
	Path    string
	Content []byte
	Ports   []string
	Origins []Origin
	Notes   []string
}

// Render gives the same bytes for the same input.
func Render(host Host, input RenderInput) (*Rendered, error) {
	decided, err := settings.At(input.Target, input.Settings, input.Service)
	if err != nil {
		return nil, err
	}
	from, loaded, err := complete(host, input)
	if err != nil {
		return nil, err
	}
	exactly := func(of *chart.Chart, values map[string]any) (*objects.Workload, error) {
		found, err := output(of, decided, values, functions(input, decided), templates.Exact)
		if err != nil {
			return nil, err
		}
		return build(found, decided)
	}
	workload, err := exactly(loaded, decided.Values)
	if err != nil {
		return nil, err
	}
	file := "workloads/" + input.Artifact.Name + ".json"
	about := explained{file, workload, decided.Values, from.size()}
	found := origins(host, about, func(values map[string]any) (*objects.Workload, error) {
		loaded, err := from.load()
		if err != nil {
			return nil, err
		}
		return exactly(loaded, values)
	})
	if decided.Images == settings.Relocate {
		if err := relocate(workload, input.Resolved); err != nil {
			return nil, err
		}
	}
	workload.Artifact, workload.Digest = input.Artifact.Name, input.Artifact.Blob
	printed, err := workload.Print()
	if err != nil {
		return nil, err
	}
	return &Rendered{
		Kind:    objects.Kind,
		Path:    file,
		Content: printed,
		Ports:   objects.Ports(workload.Objects, decided.Namespace),
		Origins: found,
		Notes:   tests(workload, input.Target),
	}, nil
}

// functions answer from what is decided; each rendering throws its dice anew.
func functions(input RenderInput, decided *settings.Settings) template.FuncMap {
	var dice *templates.Dice
	if decided.Seed != "" {
		dice = templates.NewDice(decided.Seed, input.Artifact.Blob, input.Service, input.Environment, decided.Release)
	}
	return templates.Functions(decided.Now, dice)
}

// complete loads the chart with every subchart that it names.
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
	missing, err := charts.MissingOf(loaded)
	if err != nil {
		return from, nil, err
	}
	for _, subchart := range missing {
		brought, there := broughtAs(subchart.Reference, input.Resolved)
		if !there {
			return from, nil, failure.Invalidf("subchart %s: %s was not brought by the release",
				subchart.Name, subchart.Reference).WithHint("release again")
		}
		files, err := host.Files(brought.Digest)
		if err != nil {
			return from, nil, err
		}
		from.fetched = append(from.fetched, charts.Fetched{Name: subchart.Name + "-" + subchart.Version, Files: files})
	}
	if len(from.fetched) > 0 {
		if loaded, err = from.load(); err != nil {
			return from, nil, err
		}
	}
	return from, loaded, charts.Complete(loaded)
}

func broughtAs(reference string, resolved []Resolved) (Resolved, bool) {
	for _, one := range resolved {
		if one.Reference == reference {
			return one, true
		}
	}
	return Resolved{}, false
}
