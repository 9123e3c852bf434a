// The capabilities `exec` and `registry`.

package slipway

import (
	exec "slipway/internal/bindings/imports/slipway_plugin_exec"
	registry "slipway/internal/bindings/imports/slipway_plugin_registry"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

func run(host string, command Command) (Output, error) {
	asked := exec.Command{
		Program:   command.Program,
		Arguments: command.Arguments,
		Environment: each(command.Environment, func(variable Variable) pair {
			return pair{F0: variable.Name, F1: variable.Value}
		}),
		Stdin:     command.Stdin,
		TimeoutMs: milliseconds(command.Timeout),
		Effect:    uint8(command.Effect),
	}
	output, err := value(func() wit.Result[exec.Output, types.Failure] { return exec.Run(host, asked) })
	told := Output{Stdout: output.Stdout, Stderr: output.Stderr}
	if code, ok := option(output.Code); ok {
		told.Code = &code
	}
	return told, err
}

func resolve(name, repository, reference string) (Descriptor, error) {
	found, err := value(func() wit.Result[registry.Descriptor, types.Failure] {
		return registry.Resolve(name, repository, reference)
	})
	return Descriptor{found.MediaType, Blob(found.Digest), found.Size}, err
}

func manifest(name, repository, digest string) ([]byte, error) {
	return value(func() content { return registry.Manifest(name, repository, digest) })
}
