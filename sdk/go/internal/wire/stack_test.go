// A panic is found where it happened.

package wire

import (
	"regexp"
	"testing"
)

func TestTheStackBeginsWhereThePanicWas(t *testing.T) {
	defer func() {
		recover()
		const frame = `\n  in slipway/internal/wire\.`
		expected := regexp.MustCompile(`^` + frame + `explode \(.*stack_test\.go:\d+\)` + frame + `Test`)
		if found := Stack(); !expected.MatchString(found) {
			t.Error(found)
		}
	}()
	explode(nil)
}

func explode(values map[string]int) {
	values["a"] = 1
}
