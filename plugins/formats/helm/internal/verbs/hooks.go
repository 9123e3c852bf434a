// What becomes of hooks, where it is something else than what Helm does.

package verbs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slipway/plugins/formats/helm/internal/objects"

	release "helm.sh/helm/v4/pkg/release/v1"
)

// uninstalling has no moment in a deployment: revisions follow one another, and nobody uninstalls.
var uninstalling = []string{release.HookPreDelete.String(), release.HookPostDelete.String()}

// hooks says which of them run at none of their moments, and which not at all of them.
func hooks(workload *objects.Workload) []string {
	var notes []string
	for _, hook := range workload.Hooks {
		var never []string
		for _, moment := range hook.When {
			if slices.Contains(uninstalling, moment) {
				never = append(never, moment)
			}
		}
		if len(never) > 0 {
			notes = append(notes, fmt.Sprintf("hook %s (%s) does not run at %s: nothing is uninstalled here; "+
				"do by hand what it does, when you take the service away", hook.Object.ID, hook.Object.Source, strings.Join(never, ", ")))
		}
	}
	for _, ignored := range workload.Ignored {
		unknown := make([]string, 0, len(ignored.Unknown))
		for _, moment := range ignored.Unknown {
			unknown = append(unknown, strconv.Quote(moment))
		}
		notes = append(notes, fmt.Sprintf("%s (%s) is a hook at %s, which Helm does not know: like Helm, nobody makes it here; "+
			"if it should be made with the others, take the annotation %s away",
			ignored.Name, ignored.Source, strings.Join(unknown, ", "), release.HookAnnotation))
	}
	return notes
}

// sideBySide is the mode of a target that runs revisions beside each other.
const sideBySide = "side-by-side"

// tests says why those of a chart do not run, where they do not.
func tests(workload *objects.Workload, target string) []string {
	var about struct {
		Mode string `json:"mode"`
	}
	// Another target may have settings of another form.
	if err := json.Unmarshal([]byte(target), &about); err != nil || about.Mode != sideBySide {
		return nil
	}
	var notes []string
	for _, hook := range workload.Hooks {
		if slices.Contains(hook.When, release.HookTest.String()) {
			notes = append(notes, fmt.Sprintf("test %s (%s) does not run: the target runs revisions side by side, and its Services "+
				"lead to the one before until the cutover; name what it tests in a [check]", hook.Object.ID, hook.Object.Source))
		}
	}
	return notes
}
