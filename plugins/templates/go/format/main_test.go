// What is read of an archive, and what is made of it.

package main

import (
	"testing"

	"slipway"
	"slipway/format"
)

func archive(description string) []slipway.File {
	return []slipway.File{
		{Path: "app.json", Content: []byte(description)},
		{Path: "shop", Content: []byte("#!/bin/sh")},
	}
}

func TestWhatIsWrongIsSaidAtItsPlace(t *testing.T) {
	for _, c := range []struct {
		files    []slipway.File
		expected string
	}{
		{nil, "the archive holds no app.json"},
		{archive(`{"command": []}`), "app.json: `command` names no program"},
		{archive(`{"command": ["shop"], "health": "/"}`), "app.json: `health` needs a port in `ports`"},
		{archive(`{"commands": ["shop"]}`), "app.json: `commands` is not known: there is `command`, `health`, `ports`"},
		{archive(`{`), "app.json: it ends too early"},
	} {
		_, err := appOf(c.files)
		if found := slipway.AsFailure(err); found.Kind != slipway.Invalid || found.Message != c.expected {
			t.Errorf("%+v, not %s", found, c.expected)
		}
	}
}

const expected = `{
  "kind": "process",
  "artifact": "app",
  "digest": "sha256:2b",
  "strip": 0,
  "instances": 1,
  "command": [
    "shop"
  ],
  "env": {
    "PORT": "${port.http}"
  },
  "ports": {
    "http": {}
  },
  "health": {
    "http": "/health",
    "port": "http"
  }
}`

func TestTheWorkloadIsWhatTheArchiveAndTheSettingsSay(t *testing.T) {
	facts, err := appOf(archive(`{"command": ["shop"], "ports": ["http"], "health": "/health"}`))
	if err != nil {
		t.Fatal(err)
	}
	set, err := slipway.Decode[settings]([]byte(`{"env": {"PORT": "${port.http}"}}`))
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := plugin{}.Render(format.RenderInput[settings, app]{
		Artifact: "app", Blob: "sha256:2b", Facts: facts, Settings: set,
	})
	if err != nil {
		t.Fatal(err)
	}
	if content := string(rendered.Files[0].Content); content != expected {
		t.Error(content)
	}
	if rendered.Workload.File != rendered.Files[0].Path {
		t.Error(rendered.Workload.File)
	}
}
