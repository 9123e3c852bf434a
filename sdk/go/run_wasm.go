// The capabilities `clock`, `state`, `lookup`, `log` and `progress`.

package slipway

import (
	clock "slipway/internal/bindings/imports/slipway_plugin_clock"
	log "slipway/internal/bindings/imports/slipway_plugin_log"
	lookup "slipway/internal/bindings/imports/slipway_plugin_lookup"
	progress "slipway/internal/bindings/imports/slipway_plugin_progress"
	state "slipway/internal/bindings/imports/slipway_plugin_state"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

type maybe = wit.Result[wit.Option[string], types.Failure]

func now() uint64 {
	return clock.Now()
}

func sleep(ms uint64) {
	clock.Sleep(ms)
}

func getState() (string, bool, error) {
	return found(state.Get)
}

func putState(text string) error {
	return done(func() nothing { return state.Put(text) })
}

func findObject(apiVersion, kind, namespace, name string) (string, bool, error) {
	return found(func() maybe { return lookup.Find(apiVersion, kind, namespace, name) })
}

func clusterCapabilities() (Cluster, error) {
	cluster, err := value(lookup.Capabilities)
	return Cluster{cluster.Version, cluster.Apis}, err
}

func found(call func() maybe) (string, bool, error) {
	answer, err := value(call)
	text, ok := option(answer)
	return text, ok, err
}

func emit(level Level, message string) {
	log.Emit(uint8(level), message)
}

func report(what string, done, total uint64) {
	known := wit.None[uint64]()
	if total > 0 {
		known = wit.Some(total)
	}
	progress.Report(what, done, known)
}
