// A router gets its settings understood, or is not called.

package router

import (
	"testing"

	"slipway"
)

type settings struct {
	Port string `json:"port,omitempty"`
}

func (s *settings) SetDefaults() {
	s.Port = "http"
}

// plain has no verb but one.
type plain struct {
	Router[settings]
}

func (plain) Port(settings settings) (string, error) { return settings.Port, nil }

func TestSettingsAreUnderstoodOrRefused(t *testing.T) {
	verbs := of[settings]{plain{}}
	for given, expected := range map[string]string{`{}`: "http", `{"port":"admin"}`: "admin"} {
		if found, err := verbs.port(text{Settings: given}); found != expected || err != nil {
			t.Error(found, err)
		}
	}
	_, err := verbs.port(text{Settings: `{"prot":"http"}`})
	found := slipway.AsFailure(err)
	if found.Kind != slipway.Invalid || found.Message != "the settings cannot be understood: `prot` is not known: there is `port`" {
		t.Error(found)
	}
}
