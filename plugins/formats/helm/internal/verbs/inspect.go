// The verb `inspect`.

package verbs

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/failure"
	"slipway/plugins/formats/helm/internal/images"
	"slipway/plugins/formats/helm/internal/objects"
	"slipway/plugins/formats/helm/internal/settings"
	"slipway/plugins/formats/helm/internal/templates"

	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// What a dependency is.
const (
	Image = iota
	File
	// Index of a repository: what is in it names files.
	Index
)

// anyRelease is what a release is called that has no name yet, as by `helm template`.
const anyRelease = "release-name"

// Dependency is something that the chart needs and does not hold.
type Dependency struct {
	Kind      int
	Reference string
	Place     string
}

// Inspection is what a chart is.
type Inspection struct {
	Summary      string
	Facts        string
	Dependencies []Dependency
	Notes        []string
}

// facts are kept in the package, for people and for Render.
type facts struct {
	Name       string   `json:"name"`
	Version    string   `json:"version"`
	AppVersion string   `json:"app-version,omitempty"`
	Kubernetes string   `json:"kubernetes,omitempty"`
	Subcharts  []string `json:"subcharts,omitempty"`
	// Fetched says where those of HTTP repositories are, by name and version.
	Fetched map[string]string `json:"fetched,omitempty"`
	// Unrendered says why the images that it renders by default are not known: it needs values that only an
	// environment has.
	Unrendered string `json:"unrendered,omitempty"`
}

// Inspect says what a chart is and finds what it needs: subcharts that are not in it, the images that it renders with
// the values that are known before there is an environment, and those that its values name though nothing renders
// them yet.
func Inspect(host Host, artifact Artifact, brought []Resolved) (*Inspection, error) {
	decided, err := settings.Known(artifact.Settings, anyRelease)
	if err != nil {
		return nil, err
	}
	files, err := host.Files(artifact.Blob)
	if err != nil {
		return nil, err
	}
	from := sources{files: files}
	loaded, err := from.load()
	if err != nil {
		return nil, err
	}
	if err := charts.Installable(loaded); err != nil {
		return nil, err
	}
	missing, err := charts.MissingOf(loaded, inIndexes(host, brought))
	if err != nil {
		return nil, err
	}
	about := facts{
		Name:       loaded.Name(),
		Version:    loaded.Metadata.Version,
		AppVersion: loaded.AppVersion(),
		Kubernetes: loaded.Metadata.KubeVersion,
		Subcharts:  subcharts(loaded, missing),
	}
	inspection := &Inspection{Summary: summary(loaded, len(about.Subcharts))}
	for _, subchart := range missing {
		if subchart.Index != "" {
			inspection.need(Index, subchart.Index, subchart.Place)
		}
		if subchart.Reference == "" {
			continue
		}
		inspection.need(File, subchart.Reference, subchart.Place)
		if subchart.Index != "" {
			if about.Fetched == nil {
				about.Fetched = map[string]string{}
			}
			about.Fetched[subchart.Key()] = subchart.Reference
		}
		if _, err := from.fetch(host, subchart, brought); err != nil {
			return nil, err
		}
	}
	variants, err := known(host, inspection, decided, brought)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for at, values := range variants {
		decided := *decided
		decided.Values = values
		workload, unrendered := look(from, &decided)
		switch {
		case unrendered != nil && strings.HasPrefix(unrendered.Error(), "parse error"):
			// Whatever the values are.
			return nil, unrendered
		case at > 0:
		case unrendered != nil:
			about.Unrendered = unrendered.Error()
		default:
			inspection.Notes = hooks(workload)
		}
		if decided.Images == settings.Relocate {
			found, err := find(from, &decided, workload, seen)
			if err != nil {
				return nil, err
			}
			inspection.Dependencies = append(inspection.Dependencies, found...)
		}
	}
	printed, err := json.Marshal(about)
	if err != nil {
		return nil, err
	}
	inspection.Facts = string(printed)
	return inspection, nil
}

// need adds a dependency, once.
func (i *Inspection) need(kind int, reference, place string) {
	for _, other := range i.Dependencies {
		if other.Reference == reference {
			return
		}
	}
	i.Dependencies = append(i.Dependencies, Dependency{kind, reference, place})
}

// known asks for the values files, and gives the values that are known: with the files whose names are decided, and with
// each of the others, which an environment may choose, over them.
func known(host Host, inspection *Inspection, decided *settings.Settings, brought []Resolved) ([]map[string]any, error) {
	var there []string
	for at, name := range decided.ValuesFiles {
		inspection.need(File, besideManifest+name, fmt.Sprintf("deploy.toml: values-files/%d", at))
		if _, is := broughtAs(besideManifest+name, brought); is {
			there = append(there, name)
		}
	}
	files := [][]string{there}
	for _, one := range brought {
		name, beside := strings.CutPrefix(one.Reference, besideManifest)
		if beside && !slices.Contains(decided.ValuesFiles, name) {
			files = append(files, append(slices.Clone(there), name))
		}
	}
	var variants []map[string]any
	for _, names := range files {
		base, err := valuesOf(host, names, brought)
		if err != nil {
			return nil, err
		}
		variants = append(variants, over(base, decided.Values))
	}
	return variants, nil
}

// find lists the images that were not seen yet: those of what is rendered, if it can be, and those that values name.
func find(from sources, decided *settings.Settings, workload *objects.Workload, seen map[string]bool) (found []Dependency, err error) {
	add := func(reference, place string) {
		if canonical, sound := images.Canonical(reference); sound && !seen[canonical] {
			seen[canonical] = true
			found = append(found, Dependency{Image, reference, place})
		}
	}
	for at, reference := range decided.MoreImages {
		if _, sound := images.Canonical(reference); !sound {
			return nil, failure.Invalidf("`more-images`: %q is no reference of an image", reference)
		}
		add(reference, fmt.Sprintf("deploy.toml: more-images/%d", at))
	}
	if workload != nil {
		for _, object := range workload.All() {
			images.Visit(object.Content, func(image images.Found) string {
				add(image.Reference, fmt.Sprintf("%s: %s %s", object.Source, object.ID, image.Pointer))
				return image.Reference
			})
		}
	}
	if decided.ValuesImages {
		loaded, err := from.load()
		if err != nil {
			return nil, err
		}
		charts.Aliased(loaded)
		values, err := commonutil.CoalesceValues(loaded, maps.Clone(decided.Values))
		if err != nil {
			return nil, failure.Of(err)
		}
		for _, named := range images.InValues(loaded, values) {
			add(named.Reference, fmt.Sprintf("%s/values.yaml: %s", loaded.Name(), named.Place))
		}
	}
	return found, nil
}

// look renders to see what is in a chart, as exactly as what is known allows.
func look(from sources, decided *settings.Settings) (workload *objects.Workload, err error) {
	for _, how := range []templates.Strictness{templates.Exact, templates.Lenient} {
		var loaded *chart.Chart
		if loaded, err = from.load(); err != nil {
			return nil, err
		}
		var found *templates.Output
		if found, err = output(loaded, decided, decided.Values, templates.Placeholders(), how); err != nil {
			continue
		}
		if workload, err = build(found, decided); err == nil {
			return workload, nil
		}
	}
	return nil, err
}

// subcharts by name and version, those in subcharts too.
func subcharts(of *chart.Chart, missing []charts.Missing) []string {
	var found []string
	for _, subchart := range of.Dependencies() {
		found = append(found, subchart.Name()+" "+subchart.Metadata.Version)
		found = append(found, subcharts(subchart, nil)...)
	}
	for _, subchart := range missing {
		found = append(found, subchart.Name+" "+subchart.Version)
	}
	return found
}

func summary(of *chart.Chart, subcharts int) string {
	templates := 0
	for _, file := range of.Templates {
		base := path.Base(file.Name)
		if !strings.HasPrefix(base, "_") && base != "NOTES.txt" {
			templates++
		}
	}
	app := ""
	if of.AppVersion() != "" {
		app = fmt.Sprintf(" (app %s)", of.AppVersion())
	}
	return fmt.Sprintf("chart %s %s%s, %s, %s", of.Name(), of.Metadata.Version, app,
		counted(templates, "template"), counted(subcharts, "subchart"))
}

func counted(count int, what string) string {
	if count != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", count, what)
}
