// From a call with documents as text to a format with types of its own, with the defaults of what it has not written.

package format

import (
	"bytes"
	"encoding/json"
	"errors"

	"slipway"
	"slipway/internal/parse"
)

// asked is an input that nobody has understood yet.
type asked = RenderInput[string, string]

// verbs are a format as the bindings call it, whatever its settings and facts are.
type verbs interface {
	describe() Description
	inspect(artifact Artifact) (Inspection[string], error)
	assemble(artifact Artifact, facts string) ([]slipway.File, error)
	render(input asked) (Rendered, error)
	show(input asked) ([]byte, error)
}

// of is the one that is exported.
type of[S, F any] struct {
	format Format[S, F]
}

func (o of[S, F]) describe() Description {
	return o.format.Describe()
}

func (o of[S, F]) inspect(artifact Artifact) (Inspection[string], error) {
	found, err := o.format.Inspect(artifact)
	if err != nil {
		return Inspection[string]{}, err
	}
	facts, err := slipway.Encode(found.Facts)
	if err != nil {
		return Inspection[string]{}, slipway.Failedf("the facts cannot be written as JSON: %v", err)
	}
	return Inspection[string]{found.Summary, string(facts), found.Dependencies, found.Notes}, nil
}

func (o of[S, F]) assemble(artifact Artifact, text string) ([]slipway.File, error) {
	facts, err := parse.Document[F]("the facts", text)
	if err != nil {
		return nil, err
	}
	return o.format.Assemble(artifact, facts)
}

func (o of[S, F]) render(input asked) (Rendered, error) {
	understood, err := understand[S, F](input)
	if err != nil {
		return Rendered{}, err
	}
	return o.format.Render(understood)
}

func (o of[S, F]) show(input asked) ([]byte, error) {
	understood, err := understand[S, F](input)
	if err != nil {
		return nil, err
	}
	shown, err := o.format.Show(understood)
	if !errors.Is(err, errDefault) {
		return shown, err
	}
	rendered, err := o.format.Render(understood)
	var contents [][]byte
	for _, file := range rendered.Files {
		contents = append(contents, file.Content)
	}
	return bytes.Join(contents, []byte("\n")), err
}

func understand[S, F any](input asked) (understood RenderInput[S, F], err error) {
	facts, err := parse.Document[F]("the facts", input.Facts)
	if err != nil {
		return understood, err
	}
	settings, err := parse.Settings[S](input.Settings)
	if err != nil {
		return understood, err
	}
	return RenderInput[S, F]{
		Service:     input.Service,
		Environment: input.Environment,
		Artifact:    input.Artifact,
		Blob:        input.Blob,
		Facts:       facts,
		Settings:    settings,
		Written:     json.RawMessage(input.Settings),
		Config:      input.Config,
		Resolved:    input.Resolved,
		Target:      input.Target,
	}, nil
}
