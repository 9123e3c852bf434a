// The verbs that the bindings call.

package target

import (
	"slipway"
	verb "slipway/internal/bindings/exports/export_slipway_plugin_target"
	_ "slipway/internal/bindings/exports/target" // exports them from the module
	contract "slipway/internal/bindings/imports/slipway_plugin_target"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	"slipway/internal/wire"
	wit "slipway/wit/types"
)

func init() {
	verb.Describe = describe
	verb.Abilities = abilities
	verb.Observe = observe
	verb.Plan = plan
	verb.Claim = claim
	verb.Guard = guard
	verb.Start = start
	verb.Adopt = adopt
	verb.Probe = probe
	verb.Hold = hold
	verb.Stop = stop
	verb.Logs = logs
	verb.Cleanup = cleanup
	verb.Execute = execute
	verb.Dismiss = dismiss
}

func the() verbs {
	if exported == nil {
		panic("no target is exported: target.Export is to be called in an init function")
	}
	return exported
}

func describe() contract.TargetDescription {
	defer wire.Guard()
	said := the().describe()
	return contract.TargetDescription{
		Name:           said.Name,
		Version:        said.Version,
		Summary:        said.Summary,
		SettingsSchema: said.Schema,
		Workloads:      said.Workloads,
		Needs:          said.Needs,
	}
}

func abilities(at types.Place) wire.Result[contract.PlaceAbilities] {
	return wire.Answer(func() (Abilities, error) { return the().abilities(wire.Place(at)) }, asAbilities)
}

func observe(at types.Place) wire.Result[[]contract.Instance] {
	return wire.Answer(func() ([]Instance, error) { return the().observe(wire.Place(at)) }, wire.Each(asInstance))
}

func plan(at types.Place, desired []contract.InstanceSpec) wire.Result[[]contract.Change] {
	specs := wire.Each(ofSpec)(desired)
	return wire.Answer(func() ([]Change, error) { return the().plan(wire.Place(at), specs) }, wire.Each(asChange))
}

func claim(at types.Place, by string, seconds uint32) wire.Result[wit.Option[contract.Holder]] {
	return wire.Answer(func() (*Holder, error) {
		return the().claim(wire.Place(at), by, wire.Seconds(seconds))
	}, wire.Pointed(asHolder))
}

func guard(at types.Place, seconds uint32) wire.Result[wit.Option[string]] {
	return wire.Answer(func() (string, error) {
		return the().guard(wire.Place(at), wire.Seconds(seconds))
	}, wire.Maybe)
}

func start(at types.Place, instance contract.InstanceSpec) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().start(wire.Place(at), ofSpec(instance)) })
}

func adopt(at types.Place, instance contract.InstanceSpec, changes bool) wire.Result[[]contract.Change] {
	return wire.Answer(func() ([]Change, error) {
		return the().adopt(wire.Place(at), ofSpec(instance), changes)
	}, wire.Each(asChange))
}

func probe(at types.Place, name, since string, waitMs uint32) wire.Result[wit.Option[contract.Probed]] {
	return wire.Answer(func() (*Probed, error) {
		return the().probe(wire.Place(at), name, since, wire.Milliseconds(waitMs))
	}, wire.Pointed(asProbed))
}

func hold(at types.Place, name string, on bool) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().hold(wire.Place(at), name, on) })
}

func stop(at types.Place, name string) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().stop(wire.Place(at), name) })
}

func logs(at types.Place, name, cursor string) wire.Result[contract.LogChunk] {
	return wire.Answer(func() (slipway.LogChunk, error) {
		return the().logs(wire.Place(at), name, cursor)
	}, func(chunk slipway.LogChunk) contract.LogChunk { return contract.LogChunk(chunk) })
}

func cleanup(at types.Place, revision string) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().cleanup(wire.Place(at), revision) })
}

func execute(at types.Place, task contract.Task, begun bool, waitMs uint32) wire.Result[wit.Option[contract.Ended]] {
	return wire.Answer(func() (*Ended, error) {
		return the().execute(wire.Place(at), ofTask(task), begun, wire.Milliseconds(waitMs))
	}, wire.Pointed(asEnded))
}

func dismiss(at types.Place, task contract.Task) wire.Result[wit.Unit] {
	return wire.Done(func() error { return the().dismiss(wire.Place(at), ofTask(task)) })
}
