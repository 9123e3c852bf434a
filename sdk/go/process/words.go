// Settings that are one of a few words. Others are refused where a workload is read.

package process

import (
	"fmt"
	"slices"
	"strings"
)

// Data is a folder of the service that outlives revisions; empty is none.
type Data string

// What there is of it.
const (
	// Shared: any number of instances may use it at once.
	Shared Data = "shared"
	// Exclusive: one instance at a time.
	Exclusive Data = "exclusive"
)

// Policy says when a program is started again; empty where nobody has said.
type Policy string

// What there is of it.
const (
	Always    Policy = "always"
	OnFailure Policy = "on-failure"
	Never     Policy = "never"
)

// Signal that tells a program to end; empty where nobody has said.
type Signal string

// What there is of it.
const (
	Term Signal = "TERM"
	Int  Signal = "INT"
	Quit Signal = "QUIT"
	Hup  Signal = "HUP"
	Usr1 Signal = "USR1"
	Usr2 Signal = "USR2"
	Kill Signal = "KILL"
)

// UnmarshalText also takes `none`, which is said by saying nothing.
func (d *Data) UnmarshalText(text []byte) error {
	if string(text) == "none" {
		*d = ""
		return nil
	}
	return oneOf(d, text, Shared, Exclusive)
}

// UnmarshalText takes one of the words.
func (p *Policy) UnmarshalText(text []byte) error {
	return oneOf(p, text, Always, OnFailure, Never)
}

// UnmarshalText takes one of the words.
func (s *Signal) UnmarshalText(text []byte) error {
	return oneOf(s, text, Term, Int, Quit, Hup, Usr1, Usr2, Kill)
}

func oneOf[T ~string](into *T, text []byte, known ...T) error {
	if !slices.Contains(known, T(text)) {
		words := make([]string, 0, len(known))
		for _, word := range known {
			words = append(words, string(word))
		}
		return fmt.Errorf("`%s` is none of `%s`", text, strings.Join(words, "`, `"))
	}
	*into = T(text)
	return nil
}
