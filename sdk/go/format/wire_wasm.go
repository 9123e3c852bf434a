// The verbs that the bindings call.

package format

import (
	"encoding/json"

	"slipway"
	verb "slipway/internal/bindings/exports/export_slipway_plugin_format"
	_ "slipway/internal/bindings/exports/format" // exports them from the module
	contract "slipway/internal/bindings/imports/slipway_plugin_format"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	"slipway/internal/wire"
)

func init() {
	verb.Describe = describe
	verb.Inspect = inspect
	verb.Assemble = assemble
	verb.Render = render
	verb.Show = show
}

func the() verbs {
	if exported == nil {
		panic("no format is exported: format.Export is to be called in an init function")
	}
	return exported
}

func describe() contract.FormatDescription {
	defer wire.Guard()
	said := the().describe()
	return contract.FormatDescription{
		Name:           said.Name,
		Version:        said.Version,
		Summary:        said.Summary,
		SettingsSchema: said.Schema,
	}
}

func inspect(artifact contract.Artifact, brought []contract.Resolved) wire.Result[contract.Inspection] {
	return wire.Answer(func() (Inspection[string], error) {
		return the().inspect(ofArtifact(artifact, brought))
	}, asInspection)
}

func assemble(artifact contract.Artifact, facts string) wire.Result[[]types.File] {
	return wire.Answer(func() ([]slipway.File, error) {
		return the().assemble(ofArtifact(artifact, nil), facts)
	}, wire.Each(wire.File))
}

func render(input contract.RenderInput) wire.Result[contract.Rendered] {
	return wire.Answer(func() (Rendered, error) { return the().render(ofInput(input)) }, asRendered)
}

func show(input contract.RenderInput) wire.Result[[]byte] {
	return wire.Answer(func() ([]byte, error) { return the().show(ofInput(input)) }, wire.Same)
}

func ofArtifact(artifact contract.Artifact, brought []contract.Resolved) Artifact {
	return Artifact{
		Name:     artifact.Name,
		Blob:     slipway.Blob(artifact.Blob),
		Size:     artifact.Size,
		Settings: json.RawMessage(artifact.Settings),
		Brought:  wire.Each(ofResolved)(brought),
	}
}

func ofResolved(resolved contract.Resolved) Resolved {
	return Resolved{
		Reference: resolved.Reference,
		Digest:    slipway.Blob(resolved.Digest),
		Pull:      wire.Or(resolved.Pull),
	}
}

func ofInput(input contract.RenderInput) asked {
	return asked{
		Service:     input.Service,
		Environment: input.Environment,
		Artifact:    input.Artifact.Name,
		Blob:        slipway.Blob(input.Artifact.Blob),
		Facts:       input.Facts,
		Settings:    input.Settings,
		Config:      input.Config,
		Resolved:    wire.Each(ofResolved)(input.Resolved),
		Target:      json.RawMessage(input.Target),
	}
}

func asInspection(found Inspection[string]) contract.Inspection {
	dependency := func(needed Dependency) contract.Dependency {
		return contract.Dependency{Kind: uint8(needed.Kind), Reference: needed.Reference, Place: needed.Place}
	}
	return contract.Inspection{
		Summary:      found.Summary,
		Facts:        found.Facts,
		Dependencies: wire.Each(dependency)(found.Dependencies),
		Notes:        found.Notes,
	}
}

func asRendered(rendered Rendered) contract.Rendered {
	workload := func(runs Workload) contract.Workload {
		return contract.Workload{
			Kind:      runs.Kind,
			File:      runs.File,
			Instances: runs.Instances,
			Ports:     runs.Ports,
			Exclusive: wire.Maybe(runs.Exclusive),
		}
	}
	origin := func(origin Origin) contract.Origin { return contract.Origin(origin) }
	return contract.Rendered{
		Files:    wire.Each(wire.File)(rendered.Files),
		Workload: wire.Pointed(workload)(rendered.Workload),
		Origins:  wire.Each(origin)(rendered.Origins),
		Notes:    rendered.Notes,
	}
}
