// The order of what a schema refuses.

package templates

import (
	"strings"
	"testing"
)

func TestWhatASchemaRefusesIsSorted(t *testing.T) {
	message := strings.Join([]string{
		"head", "b:", "- two", "  - y", "    - 2", "    - 1", "  - x", "- one", "  goes on", "a:", "- four", "- three", "",
	}, "\n")
	expected := strings.Join([]string{
		"head", "b:", "- one", "  goes on", "- two", "  - x", "  - y", "    - 1", "    - 2", "a:", "- four", "- three",
	}, "\n")
	if found := Sorted(message); found != expected {
		t.Error(found)
	}
}
