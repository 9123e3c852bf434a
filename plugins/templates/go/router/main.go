// A router: sends users to revisions by weight, on a load balancer with an HTTP API. What that speaks is in api.go, every verb
// that Slipway calls in verbs.go.
//
// The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.
package main

import "slipway/router"

func init() {
	router.Export(plugin{})
}

// main is not run: Slipway calls the verbs.
func main() {}
