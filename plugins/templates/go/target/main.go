// A target: runs workloads of kind `process` on a platform with an HTTP API. What the platform speaks is in api.go, every verb
// that Slipway calls in verbs.go.
//
// The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.
package main

import "slipway/target"

func init() {
	target.Export(plugin{})
}

// main is not run: Slipway calls the verbs.
func main() {}
