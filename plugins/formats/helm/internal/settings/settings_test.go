// The schema and the settings name the same keys, and what is a template is not known before there is an environment.

package settings

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

func TestTheSchemaAndTheSettingsNameTheSameKeys(t *testing.T) {
	var schema struct {
		Properties map[string]any    `json:"properties"`
		Examples   []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal([]byte(Schema), &schema); err != nil {
		t.Fatal(err)
	}
	var known []string
	for field := range reflect.TypeFor[written]().Fields() {
		known = append(known, field.Tag.Get("json"))
	}
	for key := range schema.Properties {
		if !slices.Contains(known, key) {
			t.Errorf("`%s` is in the schema alone", key)
		}
	}
	if len(known) != len(schema.Properties) {
		t.Errorf("%v", known)
	}
	for _, example := range schema.Examples {
		if _, err := Parse(string(example), "shop"); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsKnownBeforeThereIsAnEnvironment(t *testing.T) {
	for settings, expected := range map[string]string{
		`{"release": "{{ x }}", "namespace": "n"}`:                         `{"namespace":"n"}`,
		`{"values": {"a": {"b": "{{ x }}", "c": 1}, "d": "{% if %}"}}`:     `{"values":{"a":{"c":1}}}`,
		`{"values": {"list": [1, {"a": ["{{ x }}"]}], "other": ["a"]}}`:    `{"values":{"other":["a"]}}`,
		`{"values": {"secret": "${secret.x}", "null": null, "no": false}}`: `{"values":{"no":false,"null":null,"secret":"${secret.x}"}}`,
	} {
		known, err := decided(settings)
		if err != nil || known != expected {
			t.Errorf("%s: %s %v", settings, known, err)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for settings, expected := range map[string]string{
		`{"relase": "x"}`:         "the settings: json: unknown field \"relase\"",
		`{"images": "all"}`:       "`images` is \"relocate\" or \"as-written\", not \"all\"",
		`{"kube-version": "new"}`: "`kube-version`: could not parse \"new\" as version",
		`{"now": "yesterday"}`:    "`now` is a time such as 2026-01-31T12:00:00Z, not \"yesterday\"",
	} {
		if _, err := Parse(settings, "shop"); err == nil || err.Error() != expected {
			t.Errorf("%s: %v", settings, err)
		}
	}
}
