// From a chart to a workload.

package verbs

import (
	"slices"
	"text/template"

	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/objects"
	"slipway/plugins/formats/helm/internal/settings"
	"slipway/plugins/formats/helm/internal/templates"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// output of a chart, as its engine gives it.
func output(of *chart.Chart, to *settings.Settings, values map[string]any, functions template.FuncMap,
	how templates.Strictness) (*templates.Output, error) {
	release := templates.Release{
		Name:        to.Release,
		Namespace:   to.Namespace,
		KubeVersion: to.KubeVersion,
		APIVersions: to.APIVersions,
	}
	found, err := templates.Render(of, values, release, functions, how)
	if err != nil {
		return nil, err
	}
	if !to.CRDs {
		found.Definitions = nil
	}
	if !to.Tests {
		found.Hooks = slices.DeleteFunc(found.Hooks, templates.Hook.Test)
	}
	return found, nil
}

// build makes the workload of what a chart has put out, with the images as the chart names them.
func build(from *templates.Output, to *settings.Settings) (*objects.Workload, error) {
	workload := &objects.Workload{}
	for _, file := range from.Definitions {
		for _, text := range templates.Split(file.Text) {
			found, err := parsed(templates.Manifest{Source: file.Source, Text: text}, to.Namespace)
			if err != nil {
				return nil, err
			}
			for _, object := range found {
				// Two subcharts may bring the same one; Helm takes the first.
				if workload.Has(object.ID) {
					continue
				}
				if err := workload.Add(object); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, manifest := range from.Manifests {
		found, err := parsed(manifest, to.Namespace)
		if err != nil {
			return nil, err
		}
		for _, object := range found {
			if err := workload.Add(object); err != nil {
				return nil, err
			}
		}
	}
	for _, hook := range templates.AsTheyRun(from.Hooks) {
		found, err := parsed(hook.Manifest, to.Namespace)
		if err != nil {
			return nil, err
		}
		for _, object := range found {
			workload.Hooks = append(workload.Hooks, objects.Hook{
				Object: object, When: hook.When, Weight: hook.Weight, Delete: hook.Delete, Logs: hook.Logs,
			})
		}
	}
	for _, ignored := range from.Ignored {
		workload.Ignored = append(workload.Ignored, objects.Ignored(ignored))
	}
	return workload, nil
}

func parsed(manifest templates.Manifest, namespace string) ([]objects.Object, error) {
	found, err := objects.Parse(manifest.Source, manifest.Text, namespace)
	for _, object := range found {
		objects.Reveal(object)
	}
	return found, err
}

// sources of a chart: its own files and those of the subcharts that were fetched for it. It is loaded anew for each
// rendering, which changes it.
type sources struct {
	files   []charts.File
	fetched []charts.Fetched
}

func (s sources) load() (*chart.Chart, error) {
	return charts.Load(s.files, s.fetched)
}

// size in bytes.
func (s sources) size() int {
	total := 0
	for _, file := range s.files {
		total += len(file.Content)
	}
	for _, subchart := range s.fetched {
		for _, file := range subchart.Files {
			total += len(file.Content)
		}
	}
	return total
}
