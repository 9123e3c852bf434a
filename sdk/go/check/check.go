// Package check is the role of a check: looks at a revision and says whether it is well.
package check

import (
	"slipway/internal/parse"
)

// Check looks at revisions. S are its settings in deploy.toml.
type Check[S any] interface {
	// Describe says what the check is. Has no effects.
	Describe() Description
	// Check says whether a revision is well. Of a check its outcome decides, of an analysis its numbers, unless it is
	// Inconclusive. A failure is no finding: nothing was seen, and nothing passes. Only reads; it has a minute.
	Check(settings S, subject Subject) (Finding, error)
}

// Description is what a check says of itself.
type Description struct {
	Name    string
	Version string
	// Summary is one line, for people.
	Summary string
	// Schema is the JSON Schema of the settings, usually an embedded file.
	Schema string
	// Needs are what it wants granted, in the words of the contract, such as `endpoint of api`: only endpoints and clusters.
	Needs []string
}

// Subject is what is looked at.
type Subject struct {
	Service     string
	Environment string
	// Revision is the digest (`sha256:...`) of the one that is looked at.
	Revision string
	// Stable is the revision that users are on, where it is another; otherwise empty.
	Stable string
	// Instances are what runs of the revision that is looked at. Their addresses are for telling one from another: only
	// endpoints are reached.
	Instances []Instance
}

// Instance of the revision that is looked at.
type Instance struct {
	Name  string
	Ports []Port
}

// Port of an instance.
type Port struct {
	Name    string
	Address string
}

// Outcome of a check.
type Outcome uint8

// The outcomes of the contract, in its order.
const (
	Passed Outcome = iota
	Failed
	// Inconclusive: there is nothing to say, or not yet. It is no pass.
	Inconclusive
)

func (o Outcome) String() string {
	return [...]string{"passed", "failed", "inconclusive"}[o]
}

// Finding is what was seen.
type Finding struct {
	Outcome Outcome
	// Message says why, in one line, for people; of more than 1,000 characters the rest is left out.
	Message string
	// Evidence is what there is to show for it, a line each: the first 20 are kept, and of each 500 characters.
	Evidence []string
	// Values are what an analysis judges: these or Tallies, at most 1,000 and not both. None where there is nothing to say.
	Values  []float64
	Tallies []Tally
}

// Tally is events out of all.
type Tally struct {
	Events uint64
	Total  uint64
}

// verbs are a check as the bindings call it, whatever its settings are.
type verbs interface {
	describe() Description
	check(settings string, subject Subject) (Finding, error)
}

// exported is what the bindings call.
var exported verbs

// Export makes a check the plugin's. To be called in an `init` function: nothing else of a plugin is run before its verbs are.
func Export[S any](check Check[S]) {
	exported = of[S]{check}
}

// of is the one that is exported.
type of[S any] struct {
	plugin Check[S]
}

func (o of[S]) describe() Description {
	return o.plugin.Describe()
}

func (o of[S]) check(text string, subject Subject) (Finding, error) {
	settings, err := parse.Settings[S](text)
	if err != nil {
		return Finding{}, err
	}
	return o.plugin.Check(settings, subject)
}
