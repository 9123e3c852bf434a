// A format with nothing of its own does what most do.

package format

import (
	"testing"

	"slipway"
)

type settings struct {
	Instances int `json:"instances"`
}

type facts struct {
	Program string `json:"program"`
}

type plain struct {
	Defaults[settings, facts]
}

func (plain) Describe() Description { return Description{Name: "acme"} }
func (plain) Inspect(artifact Artifact) (Inspection[facts], error) {
	return Inspection[facts]{Summary: artifact.Name, Facts: facts{"<shop>"}}, nil
}
func (plain) Render(input RenderInput[settings, facts]) (Rendered, error) {
	file := func(content string) slipway.File { return slipway.File{Path: content, Content: []byte(content)} }
	return Rendered{Files: []slipway.File{file(input.Facts.Program), file(string(input.Written))}}, nil
}

func TestFactsAreKeptAndComeBack(t *testing.T) {
	verbs := of[settings, facts]{plain{}}
	found, err := verbs.inspect(Artifact{Name: "app"})
	if err != nil || found.Summary != "app" || found.Facts != `{"program":"<shop>"}` {
		t.Error(found, err)
	}
	shown, err := verbs.show(asked{Facts: found.Facts, Settings: `{"instances":2}`})
	if err != nil || string(shown) != "<shop>\n{\"instances\":2}" {
		t.Error(string(shown), err)
	}
	if files, err := verbs.assemble(Artifact{}, found.Facts); files != nil || err != nil {
		t.Error(files, err)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	verbs := of[settings, facts]{plain{}}
	_, lacking := verbs.render(asked{Facts: "{}", Settings: "{}"})
	_, wrong := verbs.render(asked{Facts: `{"program":"a"}`, Settings: `{"instances":"2"}`})
	for err, expected := range map[error]string{
		lacking: "the facts cannot be understood: `program` is missing",
		wrong:   "the settings cannot be understood: `instances` is a text where a whole number that fits is expected",
	} {
		if found := slipway.AsFailure(err); found.Kind != slipway.Invalid || found.Message != expected {
			t.Errorf("%+v, not %s", found, expected)
		}
	}
}
