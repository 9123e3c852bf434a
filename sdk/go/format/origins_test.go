// Every value that was set has its origin.

package format

import (
	"slices"
	"testing"
)

func TestEveryValueThatWasSetHasItsOrigin(t *testing.T) {
	settings := `{"command":["a","b"],"env":{"A/B":1},"unused":1,"none":{}}`
	document := `{"command":["a","b"],"env":{"A/B":"1"},"default":true,"none":{}}`
	found, err := Origins("f", []byte(document), []byte(settings))
	var pointers []string
	for _, origin := range found {
		pointers = append(pointers, origin.Pointer)
		if origin.Pointer != origin.Setting || origin.File != "f" {
			t.Error(origin)
		}
	}
	if err != nil || !slices.Equal(pointers, []string{"/command/0", "/command/1", "/env/A~1B", "/none"}) {
		t.Error(pointers, err)
	}
	if _, err := Origins("f", []byte("{"), []byte("{}")); err == nil {
		t.Error("it is JSON")
	}
}
