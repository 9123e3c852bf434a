// Package slipway is the guest kit: what a Slipway plugin in Go is written with. A plugin implements one interface
// (target.Target, format.Format, router.Router or check.Check) with settings of its own type, and exports it:
//
//	func init() { target.Export(Plugin{}) }
//
//	func main() {}
//
// What it does to the outside goes through the host, by the names that the operator granted: an [Endpoint], a [Folder], a
// [Host], a [Registry]; and a [Blob] by its digest. Each such call is recorded, so that a verb that was interrupted is run
// again and answered from the record up to where it had come. That works because a plugin is deterministic: it has no
// network, files, environment or randomness, and its clock stands still ([Now] asks the host, which records it).
//
// Two things of Go are left to the author:
//
//   - The order of a map is not defined: whatever becomes a call, an answer or a text is made in sorted order.
//   - Goroutines run, but never at the same time, and not after the verb has answered. Whatever is called by several of them
//     has to come in an order that does not depend on who is first. [Endpoint.SendAll] does many requests at once.
//
// A verb that fails answers an error: a [Failure] says whose it is and what to do, any other becomes [Failed]. A panic is
// written to the log of the run with its stack, and ends the call. Outside wasm everything compiles, so that what is pure is
// tested with `go test`; only a capability that is called there panics. What every verb has to keep is written in the
// contract, `sdk/wit` of Slipway. Not here: anything of the host.
package slipway
