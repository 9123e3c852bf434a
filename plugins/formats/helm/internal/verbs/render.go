// The verb `render`.

package verbs

import (
	"text/template"

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
	if decided.OfCluster {
		version, apis, err := host.Capabilities()
		if err != nil {
			return nil, err
		}
		if err := decided.For(version, apis); err != nil {
			return nil, err
		}
	}
	from, loaded, err := complete(host, input)
	if err != nil {
		return nil, err
	}
	base, err := valuesOf(host, decided.ValuesFiles, input.Resolved)
	if err != nil {
		return nil, err
	}
	cluster := newLookups(host, decided.Lookup)
	exactly := func(of *chart.Chart, values map[string]any) (*objects.Workload, error) {
		found, err := output(of, decided, over(base, values), cluster.into(functions(input, decided)), templates.Exact)
		if err != nil {
			return nil, err
		}
		return build(found, decided)
	}
	workload, err := exactly(loaded, decided.Values)
	if err != nil {
		return nil, err
	}
	cluster.closed = true
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
		Notes:   append(cluster.notes(), tests(workload, input.Target)...),
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
