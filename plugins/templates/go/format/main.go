// A format: an archive (tar.gz, tar.zst, tar or zip) that says in a file `app.json` how its program is started. Renders a
// workload of kind `process`, which any target for processes can run.
package main

import (
	_ "embed"
	"fmt"
	"strings"

	"slipway"
	"slipway/format"
	"slipway/process"
)

func init() {
	format.Export(plugin{})
}

// main is not run: Slipway calls the verbs.
func main() {}

// description is the file in the archive.
const description = "app.json"

//go:embed settings.schema.json
var schema string

// settings are what deploy.toml says in `[artifacts.NAME]` besides `format` and `from`; their schema is in
// settings.schema.json.
type settings struct {
	Instances uint32            `json:"instances,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
}

// SetDefaults is called before the settings are read.
func (s *settings) SetDefaults() {
	s.Instances = 1
}

// app is what app.json says. What Inspect finds is kept in the package, and Render is told of it.
type app struct {
	Command []string `json:"command"`
	Ports   []string `json:"ports,omitempty"`
	// Health answers to `GET` on the first port while all is well, such as `/health`.
	Health string `json:"health,omitempty"`
}

// plugin is the format. What it does not write is done as by most formats.
type plugin struct {
	format.Defaults[settings, app]
}

func (plugin) Describe() format.Description {
	return format.Description{
		Name:    "{name}",
		Version: "0.1.0",
		Summary: "An archive that says in `app.json` how its program is started.",
		Schema:  schema,
	}
}

func (plugin) Inspect(artifact format.Artifact) (format.Inspection[app], error) {
	files, err := artifact.Blob.Files()
	if err != nil {
		return format.Inspection[app]{}, err
	}
	found, err := appOf(files)
	if err != nil {
		return format.Inspection[app]{}, err
	}
	summary := fmt.Sprintf("%d files, starts %s", len(files), strings.Join(found.Command, " "))
	return format.Inspection[app]{Summary: summary, Facts: found}, nil
}

// Render is pure: the same input gives the same bytes.
func (plugin) Render(input format.RenderInput[settings, app]) (format.Rendered, error) {
	app := input.Facts
	runs := process.New(input.Artifact, input.Blob, app.Command...)
	runs.Instances = input.Settings.Instances
	runs.Env = input.Settings.Env
	runs.Ports = map[string]process.Port{}
	for _, port := range app.Ports {
		runs.Ports[port] = process.Port{}
	}
	if app.Health != "" && len(app.Ports) > 0 {
		runs.Health = &process.Health{HTTP: app.Health, Port: app.Ports[0]}
	}
	content, err := runs.Content()
	if err != nil {
		return format.Rendered{}, err
	}
	path := fmt.Sprintf("workloads/%s.json", input.Artifact)
	return format.Rendered{
		Files: []slipway.File{{Path: path, Content: content}},
		Workload: &format.Workload{
			Kind:      process.Kind,
			File:      path,
			Instances: runs.Instances,
			Ports:     app.Ports,
		},
	}, nil
}

// appOf says what is wrong at release, wherever it is: long before anything is touched.
func appOf(files []slipway.File) (app, error) {
	for _, file := range files {
		if file.Path != description {
			continue
		}
		found, err := slipway.Decode[app](file.Content)
		switch {
		case err != nil:
			return app{}, slipway.Invalidf("%s: %v", description, err)
		case len(found.Command) == 0:
			return app{}, slipway.Invalidf("%s: `command` names no program", description)
		case found.Health != "" && len(found.Ports) == 0:
			return app{}, slipway.Invalidf("%s: `health` needs a port in `ports`", description)
		}
		return found, nil
	}
	return app{}, slipway.Invalidf("the archive holds no %s", description).
		WithHint("it belongs at the top of the archive")
}
