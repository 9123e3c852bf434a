// Package export_slipway_plugin_check is where the generated bindings look for the verbs of a check. Its name is theirs.
// Whoever exports one puts it here.
package export_slipway_plugin_check

import (
	contract "slipway/internal/bindings/imports/slipway_plugin_check"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

// Verbs of the contract, which are called by the bindings.
var (
	Describe func() contract.CheckDescription
	Check    func(string, contract.Subject) wit.Result[contract.Finding, types.Failure]
)
