// The one target of a plugin.

package target

// exported is what the bindings call.
var exported verbs

// Export makes a target the plugin's. To be called in an `init` function: nothing else of a plugin is run before its verbs are.
func Export[S any](target Target[S]) {
	exported = of[S]{target}
}
