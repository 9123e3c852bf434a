// The one format of a plugin.

package format

// exported is what the bindings call.
var exported verbs

// Export makes a format the plugin's. To be called in an `init` function: nothing else of a plugin is run before its verbs are.
func Export[S, F any](format Format[S, F]) {
	exported = of[S, F]{format}
}
