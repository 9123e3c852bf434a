// Package export_slipway_plugin_format is where the generated bindings look for the verbs: it puts them on the wire,
// and makes an answer of whatever goes wrong. Its name is theirs.
package export_slipway_plugin_format

import (
	"fmt"

	contract "slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_format"
	types "slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_types"
	"slipway/plugins/formats/helm/internal/failure"
	"slipway/plugins/formats/helm/internal/settings"
	"slipway/plugins/formats/helm/internal/verbs"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Describe says what the format is called and which settings it has.
func Describe() contract.FormatDescription {
	return contract.FormatDescription{
		Name:           "helm",
		Version:        "0.1.0",
		Summary:        "A Helm chart, rendered by Helm's own engine.",
		SettingsSchema: settings.Schema,
	}
}

// Inspect says what a chart is and what it needs.
func Inspect(artifact contract.Artifact, brought []contract.Resolved) wit.Result[contract.Inspection, types.Failure] {
	return answered(artifact.Name, func() (contract.Inspection, error) {
		inspected, err := verbs.Inspect(host{}, plain(artifact), resolved(brought))
		if err != nil {
			return contract.Inspection{}, err
		}
		told := contract.Inspection{Summary: inspected.Summary, Facts: inspected.Facts, Notes: inspected.Notes}
		kinds := map[int]contract.DependencyKind{
			verbs.Image: contract.DependencyKind_Image,
			verbs.File:  contract.DependencyKind_File,
			verbs.Index: contract.DependencyKind_Index,
		}
		for _, needed := range inspected.Dependencies {
			told.Dependencies = append(told.Dependencies, contract.Dependency{
				Kind:      kinds[needed.Kind],
				Reference: needed.Reference,
				Place:     needed.Place,
			})
		}
		return told, nil
	})
}

// Assemble adds nothing: the chart is all that the package has to hold.
func Assemble(contract.Artifact, string) wit.Result[[]types.File, types.Failure] {
	return wit.Ok[[]types.File, types.Failure](nil)
}

// Render makes the workload of one environment.
func Render(input contract.RenderInput) wit.Result[contract.Rendered, types.Failure] {
	return answered(input.Artifact.Name, func() (contract.Rendered, error) {
		rendered, err := verbs.Render(host{}, asked(input))
		if err != nil {
			return contract.Rendered{}, err
		}
		told := contract.Rendered{
			Files: []types.File{{Path: rendered.Path, Content: rendered.Content}},
			Workload: wit.Some(contract.Workload{
				Kind:      rendered.Kind,
				File:      rendered.Path,
				Instances: 1,
				Ports:     rendered.Ports,
				Exclusive: wit.None[string](),
			}),
		}
		told.Notes = rendered.Notes
		for _, origin := range rendered.Origins {
			told.Origins = append(told.Origins, contract.Origin(origin))
		}
		return told, nil
	})
}

// Show prints what Render makes, for people.
func Show(input contract.RenderInput) wit.Result[[]byte, types.Failure] {
	return answered(input.Artifact.Name, func() ([]byte, error) {
		return verbs.Show(host{}, asked(input))
	})
}

func asked(input contract.RenderInput) verbs.RenderInput {
	return verbs.RenderInput{
		Service:     input.Service,
		Environment: input.Environment,
		Artifact:    plain(input.Artifact),
		Facts:       input.Facts,
		Settings:    input.Settings,
		Resolved:    resolved(input.Resolved),
		Target:      input.Target,
	}
}

func resolved(brought []contract.Resolved) []verbs.Resolved {
	var plain []verbs.Resolved
	for _, brought := range brought {
		pull := ""
		if brought.Pull.Tag() == wit.OptionSome {
			pull = brought.Pull.Some()
		}
		plain = append(plain, verbs.Resolved{
			Reference: brought.Reference,
			Digest:    brought.Digest,
			Pull:      pull,
		})
	}
	return plain
}

func plain(artifact contract.Artifact) verbs.Artifact {
	return verbs.Artifact{Name: artifact.Name, Blob: artifact.Blob, Settings: artifact.Settings}
}

// answered runs a verb. Helm's libraries panic on some charts: that is an answer too, about the chart and not about us.
func answered[T any](artifact string, verb func() (T, error)) (answer wit.Result[T, types.Failure]) {
	defer func() {
		if panicked := recover(); panicked != nil {
			answer = wit.Err[T](told(artifact, failure.Invalidf("Helm cannot read this chart: %v", panicked)))
		}
	}()
	value, err := verb()
	if err != nil {
		return wit.Err[T](told(artifact, failure.Of(err)))
	}
	return wit.Ok[T, types.Failure](value)
}

func told(artifact string, failed *failure.Failure) types.Failure {
	kinds := map[failure.Kind]types.FailureKind{
		failure.Invalid:     types.FailureKind_Invalid,
		failure.Unsupported: types.FailureKind_Unsupported,
		failure.Refused:     types.FailureKind_Refused,
		failure.Unavailable: types.FailureKind_Unavailable,
		failure.Failed:      types.FailureKind_Failed,
	}
	hint := wit.None[string]()
	if failed.Hint != "" {
		hint = wit.Some(failed.Hint)
	}
	return types.Failure{
		Kind:    kinds[failed.Kind],
		Message: fmt.Sprintf("artifact `%s`: %s", artifact, failed.Message),
		Hint:    hint,
	}
}
