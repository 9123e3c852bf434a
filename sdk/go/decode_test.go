// Documents are understood as they were meant, or refused by name.

package slipway

import (
	"encoding/json"
	"reflect"
	"testing"
)

type size struct {
	Width  float64 `json:"width"`
	Height uint8   `json:"height,omitempty"`
}

type settings struct {
	size
	Region    string            `json:"region"`
	Instances int               `json:"instances,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	Steps     []size            `json:"steps,omitempty"`
	Limit     *size             `json:"limit"`
	Free      json.RawMessage   `json:"free,omitempty"`
	For       Duration          `json:"for,omitempty"`
	hidden    int
}

func (s *settings) SetDefaults() {
	s.Instances = 2
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	const keys = "`env`, `for`, `free`, `height`, `instances`, `limit`, `region`, `steps`, `width`"
	const sound = `{"width":1,"region":"a",`
	for text, expected := range map[string]string{
		`{}`:                                        "`region` is missing",
		`{"region":"a"}`:                            "`width` is missing",
		`{"width":1,"Region":"a"}`:                  "`Region` is not known: there is " + keys,
		`{"width":1,"region":7}`:                    "`region` is a number where a text is expected",
		`{"width":1,"region":null}`:                 "`region` is null",
		sound + `"env":[]}`:                         "`env` is a list where an object is expected",
		sound + `"steps":[{"wid":1}]}`:              "`steps[0].wid` is not known: there is `height`, `width`",
		sound + `"limit":{}}`:                       "`limit.width` is missing",
		sound + `"limit":{"width":1,"height":256}}`: "`limit.height` is 256 where a whole number from 0 that fits is expected",
		sound + `"hidden":1}`:                       "`hidden` is not known: there is " + keys,
		sound + `"for":"soon"}`:                     "`soon` is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`",
		`[]`:                                        "it is a list where an object is expected",
		`null`:                                      "it is null",
		``:                                          "it ends too early",
		`{`:                                         "it ends too early",
		`{} {}`:                                     "more follows after its end",
		"\x00":                                      `invalid character '\x00' looking for beginning of value`,
	} {
		if _, err := Decode[settings]([]byte(text)); err == nil || err.Error() != expected {
			t.Errorf("%s: %v, not %s", text, err, expected)
		}
	}
}

func TestWhatIsNotSaidIsTheDefault(t *testing.T) {
	found, err := Decode[settings]([]byte(`{"width":1.5,"region":"a","env":{"B":"2"},"limit":null,"steps":null,"free":{"x":[1]}}`))
	expected := settings{
		size: size{Width: 1.5}, Region: "a", Instances: 2, Env: map[string]string{"B": "2"}, Free: []byte(`{"x":[1]}`),
	}
	if err != nil || !reflect.DeepEqual(found, expected) {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestWhatIsEncodedStaysReadable(t *testing.T) {
	line, err := Encode(map[string]string{"b": "<${secret.X}>", "a": "&"})
	if err != nil || string(line) != `{"a":"&","b":"<${secret.X}>"}` {
		t.Errorf("%s, %v", line, err)
	}
}
