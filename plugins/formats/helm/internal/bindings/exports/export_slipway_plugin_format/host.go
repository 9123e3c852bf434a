// What the plugin asks of the host.

package export_slipway_plugin_format

import (
	"slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_blobs"
	"slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_lookup"
	"slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_progress"
	types "slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_types"
	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/failure"
	"slipway/plugins/formats/helm/internal/verbs"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// host is what the capabilities of the contract give.
type host struct{}

// Files of an archive; the host bounds how many and how much.
func (host) Files(blob string) ([]charts.File, error) {
	answer := slipway_plugin_blobs.Files(blob)
	if answer.Tag() == wit.ResultErr {
		return nil, handedOn(answer.Err())
	}
	files := make([]charts.File, 0, len(answer.Ok()))
	for _, file := range answer.Ok() {
		files = append(files, charts.File{Path: file.Path, Content: file.Content})
	}
	return files, nil
}

// Read a file whole; the host bounds its size.
func (host) Read(blob string) ([]byte, error) {
	answer := slipway_plugin_blobs.Read(blob)
	if answer.Tag() == wit.ResultErr {
		return nil, handedOn(answer.Err())
	}
	return answer.Ok(), nil
}

// LookUp asks what a cluster has; the host decides what may be known of it.
func (host) LookUp(wanted verbs.Wanted) (string, error) {
	answer := slipway_plugin_lookup.Find(wanted.APIVersion, wanted.Kind, wanted.Namespace, wanted.Name)
	if answer.Tag() == wit.ResultErr {
		return "", handedOn(answer.Err())
	}
	if found := answer.Ok(); found.Tag() == wit.OptionSome {
		return found.Some(), nil
	}
	return "", nil
}

// Capabilities of the cluster, where the manifest asks for them.
func (host) Capabilities() (string, []string, error) {
	answer := slipway_plugin_lookup.Capabilities()
	if answer.Tag() == wit.ResultErr {
		return "", nil, handedOn(answer.Err())
	}
	return answer.Ok().Version, answer.Ok().Apis, nil
}

// Progress of a call.
func (host) Progress(what string, done, total int) {
	slipway_plugin_progress.Report(what, uint64(done), wit.Some(uint64(total)))
}

// handedOn is a failure of the host as it is.
func handedOn(failed types.Failure) error {
	kinds := map[types.FailureKind]failure.Kind{
		types.FailureKind_Invalid:     failure.Invalid,
		types.FailureKind_Unsupported: failure.Unsupported,
		types.FailureKind_Refused:     failure.Refused,
		types.FailureKind_Unavailable: failure.Unavailable,
		types.FailureKind_Failed:      failure.Failed,
	}
	handed := &failure.Failure{Kind: kinds[failed.Kind], Message: failed.Message}
	if failed.Hint.Tag() == wit.OptionSome {
		handed.Hint = failed.Hint.Some()
	}
	return handed
}
