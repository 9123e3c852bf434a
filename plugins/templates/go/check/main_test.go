// Scores decide.

package main

import (
	"slices"
	"testing"

	"slipway/check"
)

func TestScoresDecide(t *testing.T) {
	for _, c := range []struct {
		scores   []score
		outcome  check.Outcome
		message  string
		evidence []string
	}{
		{nil, check.Inconclusive, "nothing was scored yet", nil},
		{[]score{{"search", 90}, {"cart", 99.5}}, check.Passed, "all 2 scores are at least 90", nil},
		{[]score{{"search", 12}, {"cart", 99.5}}, check.Failed, "1 of 2 scores are below 90", []string{"search: 12"}},
	} {
		found := judge(c.scores, settings{API: "acme", AtLeast: 90})
		if found.Outcome != c.outcome || found.Message != c.message || !slices.Equal(found.Evidence, c.evidence) {
			t.Errorf("%+v", found)
		}
		if len(found.Values) != len(c.scores) {
			t.Error(found.Values)
		}
	}
}
