// What becomes of hooks, where it is something else than what Helm does.

package verbs

import (
	"encoding/json"
	"fmt"
	"slices"
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
