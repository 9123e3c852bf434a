// Failures keep what they say.

package slipway

import (
	"errors"
	"fmt"
	"testing"
)

func TestAnyErrorBecomesAFailure(t *testing.T) {
	inner := Refusedf("port %d is taken", 80).WithHint("choose %s", "another")
	for _, c := range []struct {
		err      error
		expected Failure
	}{
		{inner, Failure{Refused, "port 80 is taken", "choose another"}},
		{fmt.Errorf("while starting: %w", inner), Failure{Refused, "while starting: port 80 is taken", "choose another"}},
		{errors.New("broken"), Failure{Kind: Failed, Message: "broken"}},
		{errors.Join(errors.New("one"), errors.New("two")), Failure{Kind: Failed, Message: "one; two"}},
	} {
		if found := AsFailure(c.err); *found != c.expected {
			t.Errorf("%+v, not %+v", *found, c.expected)
		}
	}
	if inner.Message != "port 80 is taken" {
		t.Errorf("it was changed: %+v", inner)
	}
}
