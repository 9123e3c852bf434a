// What would change: desired against observed. Pure.

package target

import (
	"fmt"
	"strings"
)

// ChangeKind says what happens to a subject.
type ChangeKind uint8

// The kinds of the contract, in its order.
const (
	Create ChangeKind = iota
	Keep
	Replace
	Remove
)

// Change is one that a person can read. Seen is what was seen of the subject, such as its revision: a saved plan is refused
// when it is another.
type Change struct {
	Kind    ChangeKind
	Subject string
	Detail  string
	Seen    string
}

// Changes is the plan of a target whose instances are told from one another by their names and revisions alone.
func Changes(observed []Instance, desired []Spec) []Change {
	known := make(map[string]Instance, len(observed))
	for _, found := range observed {
		known[found.Name] = found
	}
	names := make(map[string]bool, len(desired))
	changes := make([]Change, 0, len(observed)+len(desired))
	for _, spec := range desired {
		names[spec.Name] = true
		found, ok := known[spec.Name]
		if !ok {
			detail := fmt.Sprintf("start artifact %s of revision %s", spec.Artifact, short(spec.Revision))
			changes = append(changes, Change{Kind: Create, Subject: spec.Name, Detail: detail})
			continue
		}
		kind, detail := compare(found, spec)
		changes = append(changes, Change{Kind: kind, Subject: spec.Name, Detail: detail, Seen: found.Revision})
	}
	for _, found := range observed {
		if !names[found.Name] {
			detail := fmt.Sprintf("stop it; revision %s, %s", short(found.Revision), state(found))
			changes = append(changes, Change{Kind: Remove, Subject: found.Name, Detail: detail, Seen: found.Revision})
		}
	}
	return changes
}

func compare(found Instance, spec Spec) (ChangeKind, string) {
	if found.Revision != spec.Revision {
		return Replace, fmt.Sprintf("revision %s with %s", short(found.Revision), short(spec.Revision))
	}
	switch found.State {
	case Failed, Stopping, Stopped:
		return Replace, state(found) + "; start it anew"
	default:
		return Keep, state(found)
	}
}

// state with its cause, which is the first line of the detail.
func state(instance Instance) string {
	cause, _, _ := strings.Cut(instance.Detail, "\n")
	cause = strings.TrimSuffix(cause, "\r")
	if instance.Detail == "" {
		return instance.State.String()
	}
	return instance.State.String() + ": " + cause
}

// short is as much of a digest as people tell apart.
func short(digest string) string {
	hex := strings.TrimPrefix(digest, "sha256:")
	if len(hex) > 8 {
		return hex[:8]
	}
	return hex
}
