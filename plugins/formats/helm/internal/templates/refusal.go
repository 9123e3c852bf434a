// Why a function is refused, and what to do about it.

package templates

import (
	"fmt"
	"strings"
)

// reason is why a function is refused, and the next step. Helm's errors are texts in which the cause is the last
// words: the next step is found again by the reason in them.
type reason struct {
	why  string
	hint string
}

var (
	askTime = reason{
		"asks what time it is",
		"say in `now` which time is meant (`now = \"2026-01-31T12:00:00Z\"`), or set a value that keeps the chart from asking",
	}
	askSeed = reason{
		"throws dice",
		"give what it would make by `values` (a password as a parameter of type `secret`), or say in `seed` what to make it of",
	}
	askKey = reason{
		"makes another key or salt each time",
		"give what it would make by `values`, as a parameter of type `secret`",
	}
)

func refuse(name string, why reason) error {
	return fmt.Errorf("%s is not reproducible: it %s", name, why.why)
}

// hintOf gives the next step for an error in which a function was refused.
func hintOf(message string) string {
	for _, reason := range []reason{askTime, askSeed, askKey} {
		if strings.Contains(message, "is not reproducible: it "+reason.why) {
			return reason.hint
		}
	}
	return ""
}
