// A check gets its settings understood, or is not called.

package check

import (
	"testing"

	"slipway"
)

type settings struct {
	AtLeast float64 `json:"at_least"`
}

type plain struct{}

func (plain) Describe() Description { return Description{Name: "acme"} }
func (plain) Check(settings settings, subject Subject) (Finding, error) {
	return Finding{Outcome: Passed, Message: subject.Service, Values: []float64{settings.AtLeast}}, nil
}

func TestSettingsAreUnderstoodOrRefused(t *testing.T) {
	verbs := of[settings]{plain{}}
	finding, err := verbs.check(`{"at_least":90}`, Subject{Service: "shop"})
	if err != nil || finding.Message != "shop" || finding.Values[0] != 90 {
		t.Error(finding, err)
	}
	_, err = verbs.check(`{}`, Subject{})
	found := slipway.AsFailure(err)
	if found.Kind != slipway.Invalid || found.Message != "the settings cannot be understood: `at_least` is missing" {
		t.Error(found)
	}
}
