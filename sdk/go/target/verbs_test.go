// A target with nothing of its own does what most do.

package target

import (
	"errors"
	"testing"

	"slipway"
)

type settings struct {
	Region string `json:"region"`
}

type plain struct {
	Defaults[settings]
}

func (plain) Describe() Description                 { return Description{Name: "acme"} }
func (plain) Abilities(settings) (Abilities, error) { return Abilities{SideBySide: true}, nil }
func (plain) Observe(place slipway.Place[settings]) ([]Instance, error) {
	return []Instance{{Name: "a", Revision: place.Settings.Region, State: Healthy}}, nil
}
func (plain) Start(slipway.Place[settings], Spec) error { return errors.New("no room") }
func (plain) Probe(slipway.Place[settings], string) (*Instance, error) {
	return &Instance{Name: "a"}, nil
}
func (plain) Stop(slipway.Place[settings], string) error { return nil }
func (plain) Logs(slipway.Place[settings], string, string) (slipway.LogChunk, error) {
	return slipway.LogChunk{}, nil
}
func (plain) Cleanup(slipway.Place[settings], string) error { return nil }

// north is somewhere.
var north = text{Service: "shop", Environment: "prod", Settings: `{"region":"north"}`}

func TestDefaults(t *testing.T) {
	verbs := of[settings]{plain{}}
	changes, err := verbs.plan(north, []Spec{spec("a", "south")})
	if err != nil || len(changes) != 1 || changes[0] != (Change{Replace, "a", "revision north with south", "north"}) {
		t.Error(changes, err)
	}
	if probed, err := verbs.probe(north, "a", "", 0); err != nil || probed.Instance.Name != "a" || probed.Next != "" {
		t.Error(probed, err)
	}
	if holder, err := verbs.claim(north, "me", 30); holder != nil || err != nil {
		t.Error(holder, err)
	}
}

func TestWhatMostDoNotDoIsUnsupported(t *testing.T) {
	verbs := of[settings]{plain{}}
	_, guard := verbs.guard(north, 30)
	_, adopt := verbs.adopt(north, spec("a", "1"), false)
	_, execute := verbs.execute(north, Task{}, false, 0)
	for err, expected := range map[error]string{
		guard:                        "target acme does not come back by itself",
		adopt:                        "target acme takes nothing over that others have deployed",
		execute:                      "target acme runs no programs of its own",
		verbs.dismiss(north, Task{}): "target acme runs no programs of its own",
		verbs.hold(north, "a", true): "target acme cannot hold what it has begun",
	} {
		if found := slipway.AsFailure(err); found.Kind != slipway.Unsupported || found.Message != expected {
			t.Errorf("%+v, not %s", found, expected)
		}
	}
	if found := slipway.AsFailure(verbs.start(north, spec("a", "1"))); found.Kind != slipway.Failed || found.Message != "no room" {
		t.Error(found)
	}
}

func TestSettingsAreUnderstoodOrRefused(t *testing.T) {
	verbs := of[settings]{plain{}}
	for given, expected := range map[string]string{
		`{}`:                      "the settings cannot be understood: `region` is missing",
		`{"region":"a","zone":1}`: "the settings cannot be understood: `zone` is not known: there is `region`",
	} {
		_, err := verbs.abilities(text{Settings: given})
		if found := slipway.AsFailure(err); found.Kind != slipway.Invalid || found.Message != expected {
			t.Errorf("%+v, not %s", found, expected)
		}
	}
}
