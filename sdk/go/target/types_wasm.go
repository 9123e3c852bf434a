// What goes over the wire, in the types of the bindings and in those of a target.

package target

import (
	"slipway"
	contract "slipway/internal/bindings/imports/slipway_plugin_target"
	"slipway/internal/wire"
	wit "slipway/wit/types"
)

func asAbilities(can Abilities) contract.PlaceAbilities {
	return contract.PlaceAbilities(can)
}

func ofSpec(spec contract.InstanceSpec) Spec {
	return Spec{
		Name:     spec.Name,
		Revision: spec.Revision,
		Artifact: spec.Artifact,
		Blob:     slipway.Blob(spec.Blob),
		Workload: spec.Workload,
		Back:     spec.Back,
	}
}

func asInstance(found Instance) contract.Instance {
	return contract.Instance{
		Name:     found.Name,
		Revision: found.Revision,
		State:    uint8(found.State),
		Ports:    wire.Each(func(port Port) contract.Port { return contract.Port(port) })(found.Ports),
		Since:    wire.Since(found.Since),
		Restarts: found.Restarts,
		Detail:   found.Detail,
	}
}

func asProbed(probed Probed) contract.Probed {
	return contract.Probed{Instance: wire.Pointed(asInstance)(probed.Instance), Next: probed.Next}
}

func asChange(change Change) contract.Change {
	return contract.Change{
		Kind:    uint8(change.Kind),
		Subject: change.Subject,
		Detail:  change.Detail,
		Seen:    change.Seen,
	}
}

func asHolder(holder Holder) contract.Holder {
	return contract.Holder{
		Ours:  holder.Ours,
		By:    holder.By,
		Since: wire.Since(holder.Since),
		Token: holder.Token,
	}
}

func ofTask(task contract.Task) Task {
	variable := func(pair wit.Tuple2[string, string]) slipway.Variable {
		return slipway.Variable{Name: pair.F0, Value: pair.F1}
	}
	return Task{
		Name:      task.Name,
		Revision:  task.Revision,
		Artifact:  task.Artifact,
		Blob:      slipway.Blob(task.Blob),
		Workload:  task.Workload,
		Part:      task.Part,
		Run:       task.Run,
		Variables: wire.Each(variable)(task.Variables),
		Timeout:   wire.Milliseconds(task.TimeoutMs),
	}
}

func asEnded(ended Ended) contract.Ended {
	return contract.Ended{Code: wire.Pointed(wire.Same[int32])(ended.Code), Why: ended.Why, Said: ended.Said}
}
