//go:build !wasm

// Outside wasm there is no host: what is pure is tested there, and a capability that is called nevertheless panics.

package slipway

// outside is what it says.
const outside = "a capability of the host was called outside wasm: only what is pure can be tested there"

func send(string, Request) (Response, error)                          { panic(outside) }
func sendAll(string, []Request) ([]Answer, error)                     { panic(outside) }
func readFile(string, string) ([]byte, error)                         { panic(outside) }
func listFiles(string, string) ([]Entry, error)                       { panic(outside) }
func writeFile(string, string, []byte) error                          { panic(outside) }
func copyFile(string, string, string, string) error                   { panic(outside) }
func removeFile(string, string) error                                 { panic(outside) }
func blobEntries(string) ([]ArchiveEntry, error)                      { panic(outside) }
func blobFiles(string) ([]File, error)                                { panic(outside) }
func readBlob(string) ([]byte, error)                                 { panic(outside) }
func unpackBlob(string, string, string, uint32) error                 { panic(outside) }
func placeBlob(string, string, string, bool) error                    { panic(outside) }
func run(string, Command) (Output, error)                             { panic(outside) }
func resolve(string, string, string) (Descriptor, error)              { panic(outside) }
func manifest(string, string, string) ([]byte, error)                 { panic(outside) }
func now() uint64                                                     { panic(outside) }
func sleep(uint64)                                                    { panic(outside) }
func getState() (string, bool, error)                                 { panic(outside) }
func putState(string) error                                           { panic(outside) }
func findObject(string, string, string, string) (string, bool, error) { panic(outside) }
func clusterCapabilities() (Cluster, error)                           { panic(outside) }
func emit(Level, string)                                              { panic(outside) }
func report(string, uint64, uint64)                                   { panic(outside) }
