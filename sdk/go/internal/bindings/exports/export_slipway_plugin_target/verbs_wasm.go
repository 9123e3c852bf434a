// Package export_slipway_plugin_target is where the generated bindings look for the verbs of a target. Its name is theirs.
// Whoever exports one puts it here.
package export_slipway_plugin_target

import (
	contract "slipway/internal/bindings/imports/slipway_plugin_target"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

// Verbs of the contract, which are called by the bindings.
var (
	Describe  func() contract.TargetDescription
	Abilities func(types.Place) wit.Result[contract.PlaceAbilities, types.Failure]
	Observe   func(types.Place) wit.Result[[]contract.Instance, types.Failure]
	Plan      func(types.Place, []contract.InstanceSpec) wit.Result[[]contract.Change, types.Failure]
	Claim     func(types.Place, string, uint32) wit.Result[wit.Option[contract.Holder], types.Failure]
	Guard     func(types.Place, uint32) wit.Result[wit.Option[string], types.Failure]
	Start     func(types.Place, contract.InstanceSpec) wit.Result[wit.Unit, types.Failure]
	Adopt     func(types.Place, contract.InstanceSpec, bool) wit.Result[[]contract.Change, types.Failure]
	Probe     func(types.Place, string, string, uint32) wit.Result[wit.Option[contract.Probed], types.Failure]
	Hold      func(types.Place, string, bool) wit.Result[wit.Unit, types.Failure]
	Stop      func(types.Place, string) wit.Result[wit.Unit, types.Failure]
	Logs      func(types.Place, string, string) wit.Result[contract.LogChunk, types.Failure]
	Cleanup   func(types.Place, string) wit.Result[wit.Unit, types.Failure]
	Execute   func(types.Place, contract.Task, bool, uint32) wit.Result[wit.Option[contract.Ended], types.Failure]
	Dismiss   func(types.Place, contract.Task) wit.Result[wit.Unit, types.Failure]
)
