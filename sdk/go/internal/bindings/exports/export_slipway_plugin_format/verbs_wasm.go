// Package export_slipway_plugin_format is where the generated bindings look for the verbs of a format. Its name is theirs.
// Whoever exports one puts it here.
package export_slipway_plugin_format

import (
	contract "slipway/internal/bindings/imports/slipway_plugin_format"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

// Verbs of the contract, which are called by the bindings.
var (
	Describe func() contract.FormatDescription
	Inspect  func(contract.Artifact, []contract.Resolved) wit.Result[contract.Inspection, types.Failure]
	Assemble func(contract.Artifact, string) wit.Result[[]types.File, types.Failure]
	Render   func(contract.RenderInput) wit.Result[contract.Rendered, types.Failure]
	Show     func(contract.RenderInput) wit.Result[[]byte, types.Failure]
)
