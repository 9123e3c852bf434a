// Registries by the names of deploy.toml.

package slipway

// Registry is one that deploy.toml names.
type Registry string

// Descriptor says what a reference names.
type Descriptor struct {
	MediaType string
	Digest    Blob
	// Size is in bytes.
	Size uint64
}

// Resolve says what a tag or digest names now. [read]
func (r Registry) Resolve(repository, reference string) (Descriptor, error) {
	return resolve(string(r), repository, reference)
}

// Manifest gives its bytes, at most 4 MiB, verified. [read]
func (r Registry) Manifest(repository string, digest Blob) ([]byte, error) {
	return manifest(string(r), repository, string(digest))
}
