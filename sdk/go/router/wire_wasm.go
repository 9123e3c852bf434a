// The verbs that the bindings call.

package router

import (
	"slipway"
	verb "slipway/internal/bindings/exports/export_slipway_plugin_router"
	_ "slipway/internal/bindings/exports/router" // exports them from the module
	contract "slipway/internal/bindings/imports/slipway_plugin_router"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	"slipway/internal/wire"
	wit "slipway/wit/types"
)

func init() {
	verb.Describe = describe
	verb.Abilities = abilities
	verb.Port = port
	verb.Observe = observe
	verb.Route = route
	verb.Drain = drain
	verb.Logs = logs
	verb.Metrics = metrics
	verb.Remove = remove
}

func the() verbs {
	if exported == nil {
		panic("no router is exported: router.Export is to be called in an init function")
	}
	return exported
}

func describe() contract.RouterDescription {
	defer wire.Guard()
	said := the().describe()
	return contract.RouterDescription{
		Name:           said.Name,
		Version:        said.Version,
		Summary:        said.Summary,
		SettingsSchema: said.Schema,
		Needs:          said.Needs,
	}
}

func abilities(at types.Place) wire.Result[contract.PlaceAbilities] {
	return wire.Answer(func() (Abilities, error) {
		return the().abilities(wire.Place(at))
	}, func(can Abilities) contract.PlaceAbilities { return contract.PlaceAbilities(can) })
}

func port(at types.Place) wire.Result[string] {
	return wire.Answer(func() (string, error) { return the().port(wire.Place(at)) }, wire.Same)
}

func observe(at types.Place) wire.Result[contract.Observed] {
	return wire.Answer(func() (Observed, error) { return the().observe(wire.Place(at)) }, asObserved)
}

func route(at types.Place, routing contract.Routing) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().route(wire.Place(at), ofRouting(routing)) })
}

func drain(at types.Place, instance string) wire.Result[uint64] {
	return wire.Answer(func() (uint64, error) { return the().drain(wire.Place(at), instance) }, wire.Same)
}

func logs(at types.Place, cursor string) wire.Result[contract.LogChunk] {
	return wire.Answer(func() (slipway.LogChunk, error) {
		return the().logs(wire.Place(at), cursor)
	}, func(chunk slipway.LogChunk) contract.LogChunk { return contract.LogChunk(chunk) })
}

func metrics(at types.Place) wire.Result[string] {
	return wire.Answer(func() (string, error) { return the().metrics(wire.Place(at)) }, wire.Same)
}

func remove(at types.Place) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().remove(wire.Place(at)) })
}

func asObserved(observed Observed) contract.Observed {
	flow := func(flow Flow) contract.Flow { return contract.Flow(flow) }
	return contract.Observed{
		Address:        wire.Maybe(observed.Address),
		PreviewAddress: wire.Maybe(observed.PreviewAddress),
		Flows:          wire.Each(flow)(observed.Flows),
	}
}

func ofRouting(routing contract.Routing) Routing {
	return Routing{Shares: wire.Each(ofShare)(routing.Shares), Preview: wire.Or(routing.Preview)}
}

func ofShare(share contract.Share) Share {
	backend := func(backend contract.Backend) Backend { return Backend(backend) }
	made := Share{
		Revision: share.Revision,
		Weight:   share.Weight,
		Backends: wire.Each(backend)(share.Backends),
	}
	if share.Baseline.Tag() == wit.OptionSome {
		baseline := Baseline(share.Baseline.Some())
		made.Baseline = &baseline
	}
	return made
}
