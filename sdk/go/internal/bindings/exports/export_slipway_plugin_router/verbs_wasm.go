// Package export_slipway_plugin_router is where the generated bindings look for the verbs of a router. Its name is theirs.
// Whoever exports one puts it here.
package export_slipway_plugin_router

import (
	contract "slipway/internal/bindings/imports/slipway_plugin_router"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

// Verbs of the contract, which are called by the bindings.
var (
	Describe  func() contract.RouterDescription
	Abilities func(types.Place) wit.Result[contract.PlaceAbilities, types.Failure]
	Port      func(types.Place) wit.Result[string, types.Failure]
	Observe   func(types.Place) wit.Result[contract.Observed, types.Failure]
	Route     func(types.Place, contract.Routing) wit.Result[wit.Unit, types.Failure]
	Drain     func(types.Place, string) wit.Result[uint64, types.Failure]
	Logs      func(types.Place, string) wit.Result[contract.LogChunk, types.Failure]
	Metrics   func(types.Place) wit.Result[string, types.Failure]
	Remove    func(types.Place) wit.Result[wit.Unit, types.Failure]
)
