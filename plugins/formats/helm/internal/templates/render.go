// Package templates runs Helm's engine over a chart and gives what comes out, sorted as Helm sorts it. The engine is
// Helm's own and unmodified; what is replaced are functions whose answers differ from call to call.
package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"slipway/plugins/formats/helm/internal/failure"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

const notes = "NOTES.txt"

// Release is what a chart learns of where it will be.
type Release struct {
	Name        string
	Namespace   string
	KubeVersion *common.KubeVersion
	APIVersions common.VersionSet
}

// Manifest is one document, with the file it came from.
type Manifest struct {
	Source string
	Text   string
}

// Hook is a document that runs at a moment of a release instead of being there.
type Hook struct {
	Manifest
	When   []string
	Weight int
	Delete []string
	// Logs says at which end of it its logs are told.
	Logs []string
	name string
}

// Test says that it runs only when somebody tests the release.
func (h Hook) Test() bool {
	return !slices.ContainsFunc(h.When, func(moment string) bool { return moment != release.HookTest.String() })
}

// Output of a chart, as Helm sorts it: files of definitions, then objects in the order in which they are installed, then
// hooks by their kinds, and what it leaves away.
type Output struct {
	Definitions []Manifest
	Manifests   []Manifest
	Hooks       []Hook
	Ignored     []Ignored
}

// Strictness of a rendering.
type Strictness int

const (
	// Exact renders what will be deployed.
	Exact Strictness = iota
	// Lenient looks what a chart is made of: values that are required may be missing, and no schema is asked.
	Lenient
)

// Render changes the chart: it is loaded again for another rendering.
func Render(of *chart.Chart, values map[string]any, to Release, functions template.FuncMap, how Strictness) (*Output, error) {
	if err := chartutil.ProcessDependencies(of, values); err != nil {
		return nil, failure.Invalidf("chart dependencies processing failed: %v", err)
	}
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *to.KubeVersion
	capabilities.APIVersions = to.APIVersions
	if wanted := of.Metadata.KubeVersion; wanted != "" && how == Exact &&
		!chartutil.IsCompatibleRange(wanted, capabilities.KubeVersion.String()) {
		return nil, failure.Invalidf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
			wanted, capabilities.KubeVersion.Version).
			WithHint("say in `kube-version` which Kubernetes the chart is rendered for, or `capabilities = \"cluster\"`")
	}
	options := common.ReleaseOptions{Name: to.Name, Namespace: to.Namespace, Revision: 1, IsInstall: true}
	top, err := commonutil.ToRenderValuesWithSchemaValidation(of, values, options, capabilities, how == Lenient)
	if err != nil {
		return nil, schema(err)
	}
	engine := engine.Engine{LintMode: how == Lenient, CustomTemplateFuncs: functions}
	files, err := engine.Render(of, top)
	if err != nil {
		return nil, explain(err)
	}
	total := 0
	for name, text := range files {
		total += len(text)
		// For people who install by hand.
		if strings.HasSuffix(name, notes) {
			delete(files, name)
		}
	}
	if total > maxOutput {
		return nil, failure.Invalidf("the chart renders %d MiB, and at most %d are taken", total>>20, maxOutput>>20)
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, failure.Of(err)
	}
	output := &Output{Ignored: ignoredIn(files)}
	for _, definition := range of.CRDObjects() {
		output.Definitions = append(output.Definitions, Manifest{definition.Filename, string(definition.File.Data)})
	}
	for _, manifest := range manifests {
		output.Manifests = append(output.Manifests, Manifest{manifest.Name, manifest.Content})
	}
	for _, found := range hooks {
		output.Hooks = append(output.Hooks, hook(found))
	}
	return output, nil
}

// explain adds the next step to an error of the engine, where one of our functions knows it.
func explain(err error) error {
	explained := failure.Of(err)
	if hint := hintOf(explained.Message); hint != "" {
		return explained.WithHint("%s", hint)
	}
	return explained
}

// hook takes what Helm found in the annotations. Without a policy Helm deletes the hook of the last time before it
// makes this one, and says so only when it runs it.
func hook(found *release.Hook) Hook {
	hook := Hook{
		Manifest: Manifest{found.Path, found.Manifest},
		Weight:   found.Weight,
		name:     found.Name,
	}
	for _, event := range found.Events {
		hook.When = append(hook.When, event.String())
	}
	for _, policy := range found.DeletePolicies {
		hook.Delete = append(hook.Delete, policy.String())
	}
	for _, policy := range found.OutputLogPolicies {
		hook.Logs = append(hook.Logs, policy.String())
	}
	if len(hook.Delete) == 0 {
		hook.Delete = []string{release.HookBeforeHookCreation.String()}
	}
	return hook
}

// AsTheyRun sorts hooks into the order in which Helm runs those of one moment: by weight, then by name, then by kind as
// it installs them, in which they came.
func AsTheyRun(hooks []Hook) []Hook {
	return slices.SortedStableFunc(slices.Values(hooks), func(one, other Hook) int {
		return cmp.Or(cmp.Compare(one.Weight, other.Weight), cmp.Compare(one.name, other.name))
	})
}

// Split takes the documents of a file apart, in their order.
func Split(text string) []string {
	found := releaseutil.SplitManifests(text)
	documents := make([]string, 0, len(found))
	for at := range len(found) {
		documents = append(documents, found[fmt.Sprintf("manifest-%d", at)])
	}
	return documents
}
