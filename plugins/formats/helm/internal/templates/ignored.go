// Hooks that Helm leaves away.

package templates

import (
	"maps"
	"slices"
	"strings"

	release "helm.sh/helm/v4/pkg/release/v1"
	"sigs.k8s.io/yaml"
)

// moments that Helm knows; `test-success` is what a test was called before.
var moments = []string{
	release.HookPreInstall.String(), release.HookPostInstall.String(), release.HookPreDelete.String(),
	release.HookPostDelete.String(), release.HookPreUpgrade.String(), release.HookPostUpgrade.String(),
	release.HookPreRollback.String(), release.HookPostRollback.String(), release.HookTest.String(), "test-success",
}

// Ignored is a document with a hook that names a moment which Helm does not know. Helm takes it neither for a hook nor
// for an object, whatever else it names: it prints it nowhere and makes it never.
type Ignored struct {
	// Name of it, with its kind.
	Name   string
	Source string
	// Unknown moments of it.
	Unknown []string
}

// ignoredIn finds them in the files that templates have made.
func ignoredIn(files map[string]string) []Ignored {
	var found []Ignored
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if partial(name) {
			continue
		}
		for _, text := range Split(files[name]) {
			if named, unknown := unknownIn(text); len(unknown) > 0 {
				found = append(found, Ignored{named, name, unknown})
			}
		}
	}
	return found
}

// unknownIn says which moments of a document are unknown. Nothing else of it matters, so nothing else can be wrong.
func unknownIn(text string) (name string, unknown []string) {
	if !strings.Contains(text, release.HookAnnotation) {
		return "", nil
	}
	var head struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Name        string            `json:"name"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	// Helm has read it already, with the same reader.
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return "", nil
	}
	written, is := head.Metadata.Annotations[release.HookAnnotation]
	if !is {
		return "", nil
	}
	for moment := range strings.SplitSeq(written, ",") {
		moment = strings.ToLower(strings.TrimSpace(moment))
		if !slices.Contains(moments, moment) {
			unknown = append(unknown, moment)
		}
	}
	return strings.TrimSpace(head.Kind + " " + head.Metadata.Name), unknown
}

// partial says that a file is for other templates alone.
func partial(name string) bool {
	return strings.HasPrefix(name[strings.LastIndex(name, "/")+1:], "_")
}
