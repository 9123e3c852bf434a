// What runs, what is to run, and what is run once.

package target

import (
	"time"

	"slipway"
)

// Abilities are what can be done at one place.
type Abilities struct {
	// SideBySide: two revisions can run beside each other.
	SideBySide bool
	// InPlace: Start puts an instance in the place of the one of another revision, without Stop.
	InPlace bool
	// Hold: what Start has begun can be held where it is.
	Hold bool
	// Guard: it can come back by itself to what ran, when nobody is heard from any more.
	Guard bool
	// Execute: it can run a program once, as an instance would.
	Execute bool
}

// Spec is an instance that is to run. The granted folder `deployment` is that of its revision.
type Spec struct {
	Name     string
	Revision string
	Artifact string
	Blob     slipway.Blob
	// Workload is its file in the folder `deployment`.
	Workload string
	// Back: it ran here before and is brought back. Never true in Plan.
	Back bool
}

// State of an instance.
type State uint8

// The states of the contract, in its order.
const (
	Starting State = iota
	// Partial: it takes the place of another step by step, and the step that was begun stands well. Another Start goes one
	// step further; one of the other instance goes back.
	Partial
	Healthy
	Unhealthy
	Failed
	Stopping
	Stopped
)

func (s State) String() string {
	return [...]string{"starting", "partial", "healthy", "unhealthy", "failed", "stopping", "stopped"}[s]
}

// Port of an instance. Its address is `host:port`, or `ENDPOINT:/PATH` for what is reached through an endpoint of the call.
type Port struct {
	Name    string
	Address string
}

// Instance as it is found.
type Instance struct {
	Name     string
	Revision string
	State    State
	Ports    []Port
	// Since is when the state began; the zero time where nobody knows.
	Since    time.Time
	Restarts uint32
	// Detail says why it is not healthy: cause first, then the last lines of its log.
	Detail string
}

// Probed is an instance as it was seen; nil if it is not there.
type Probed struct {
	Instance *Instance
	// Next is from where a change of it can be waited for; empty where a target cannot wait.
	Next string
}

// Task is a program that runs once with what an instance of a revision has: its artifact, configuration, environment and
// secrets.
type Task struct {
	// Name is one that no other task of the place ever has.
	Name     string
	Revision string
	Artifact string
	Blob     slipway.Blob
	// Workload is its file in the folder `deployment`, which is that of the task's revision.
	Workload string
	// Part of the workload, in the target's own words; empty where nobody has said.
	Part string
	// Run is program and arguments, in the place of the workload's own and understood as these are.
	Run []string
	// Variables go over the workload's own.
	Variables []slipway.Variable
	// Timeout is when the place ends it, also when nobody is there who asks.
	Timeout time.Duration
}

// Ended is how a task has ended.
type Ended struct {
	// Code is nil if it did not end by itself, or nobody saw how.
	Code *int32
	// Why there is no code, for a person; empty where there is one.
	Why string
	// Said is the end of what it said, at most 4 KiB.
	Said string
}

// Holder is who has claimed a place.
type Holder struct {
	// Ours: the caller has it.
	Ours bool
	By   string
	// Since is the zero time where nobody knows.
	Since time.Time
	// Token is another one whenever somebody else has had it in between.
	Token string
}
