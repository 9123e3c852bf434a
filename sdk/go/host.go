// Programs on hosts that the operator granted.

package slipway

import (
	"fmt"
	"time"
)

// Host is a granted one, by its name.
type Host string

// Command is a program and its arguments. There is no shell.
type Command struct {
	Program     string
	Arguments   []string
	Environment []Variable
	Stdin       []byte
	// Timeout is in whole milliseconds.
	Timeout time.Duration
	Effect  Effect
}

// Output of a program that has ended.
type Output struct {
	// Code is nil where it did not end by itself.
	Code   *int32
	Stdout []byte
	Stderr []byte
}

// Run waits until the program has ended; any exit code is no failure. [as the command says]
func (h Host) Run(command Command) (Output, error) {
	output, err := run(string(h), command)
	if err != nil {
		return Output{}, fmt.Errorf("%s: %w", command.Program, err)
	}
	return output, nil
}
