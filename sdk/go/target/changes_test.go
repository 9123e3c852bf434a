// Plans say the same as those of every other target.

package target

import (
	"slices"
	"testing"
)

func spec(name, revision string) Spec {
	return Spec{Name: name, Revision: revision, Artifact: "app", Blob: "sha256:1", Workload: "f"}
}

func check(t *testing.T, observed []Instance, desired []Spec, expected ...Change) {
	t.Helper()
	if found := Changes(observed, desired); !slices.Equal(found, expected) {
		t.Errorf("%+v, not %+v", found, expected)
	}
}

func TestFromNothingToSomethingAndBack(t *testing.T) {
	check(t, nil, []Spec{spec("a", "sha256:1234567890")}, Change{Create, "a", "start artifact app of revision 12345678", ""})
	old := Instance{Name: "a", Revision: "sha256:1", State: Healthy}
	check(t, []Instance{old}, nil, Change{Remove, "a", "stop it; revision 1, healthy", "sha256:1"})
	check(t, nil, nil)
}

func TestWhatRunsIsKeptAndWhatDoesNotIsReplaced(t *testing.T) {
	for state, expected := range map[State]Change{
		Starting:  {Keep, "a", "starting: why", "sha256:1"},
		Partial:   {Keep, "a", "partial: why", "sha256:1"},
		Healthy:   {Keep, "a", "healthy: why", "sha256:1"},
		Unhealthy: {Keep, "a", "unhealthy: why", "sha256:1"},
		Failed:    {Replace, "a", "failed: why; start it anew", "sha256:1"},
		Stopping:  {Replace, "a", "stopping: why; start it anew", "sha256:1"},
		Stopped:   {Replace, "a", "stopped: why; start it anew", "sha256:1"},
	} {
		found := Instance{Name: "a", Revision: "sha256:1", State: state, Detail: "why\r\nlog"}
		check(t, []Instance{found}, []Spec{spec("a", "sha256:1")}, expected)
	}
	other := Instance{Name: "a", Revision: "sha256:1", State: Healthy}
	check(t, []Instance{other}, []Spec{spec("a", "sha256:2")}, Change{Replace, "a", "revision 1 with 2", "sha256:1"})
}

func TestTheOrderIsThatOfWhatIsAskedFor(t *testing.T) {
	observed := []Instance{{Name: "z", Revision: "1"}, {Name: "b", Revision: "1"}, {Name: "y", Revision: "1"}}
	desired := []Spec{spec("c", "1"), spec("b", "1"), spec("a", "1")}
	var subjects []string
	for _, change := range Changes(observed, desired) {
		subjects = append(subjects, change.Subject)
	}
	if !slices.Equal(subjects, []string{"c", "b", "a", "z", "y"}) {
		t.Error(subjects)
	}
}
