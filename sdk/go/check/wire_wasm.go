// The verbs that the bindings call.

package check

import (
	_ "slipway/internal/bindings/exports/check" // exports them from the module
	verb "slipway/internal/bindings/exports/export_slipway_plugin_check"
	contract "slipway/internal/bindings/imports/slipway_plugin_check"
	"slipway/internal/wire"
)

func init() {
	verb.Describe = describe
	verb.Check = look
}

func the() verbs {
	if exported == nil {
		panic("no check is exported: check.Export is to be called in an init function")
	}
	return exported
}

func describe() contract.CheckDescription {
	defer wire.Guard()
	said := the().describe()
	return contract.CheckDescription{
		Name:           said.Name,
		Version:        said.Version,
		Summary:        said.Summary,
		SettingsSchema: said.Schema,
		Needs:          said.Needs,
	}
}

func look(settings string, subject contract.Subject) wire.Result[contract.Finding] {
	return wire.Answer(func() (Finding, error) { return the().check(settings, ofSubject(subject)) }, asFinding)
}

func ofSubject(subject contract.Subject) Subject {
	port := func(port contract.Port) Port { return Port(port) }
	instance := func(instance contract.Instance) Instance {
		return Instance{Name: instance.Name, Ports: wire.Each(port)(instance.Ports)}
	}
	return Subject{
		Service:     subject.Service,
		Environment: subject.Environment,
		Revision:    subject.Revision,
		Stable:      wire.Or(subject.Stable),
		Instances:   wire.Each(instance)(subject.Instances),
	}
}

func asFinding(finding Finding) contract.Finding {
	return contract.Finding{
		Outcome:  uint8(finding.Outcome),
		Message:  finding.Message,
		Evidence: finding.Evidence,
		Values:   finding.Values,
		Tallies:  wire.Each(func(tally Tally) contract.Tally { return contract.Tally(tally) })(finding.Tallies),
	}
}
