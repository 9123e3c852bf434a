// What an artifact needs and does not hold.

package format

import "slipway"

// DependencyKind says what is brought.
type DependencyKind uint8

// The kinds of the contract, in its order.
const (
	// Image is an OCI image or index. It goes into the deployment registry whole.
	Image DependencyKind = iota
	// File is one. Its bytes are handed to Inspect, which is then asked again, and to Render.
	File
	// Index is a file that says where others are. It is read anew by each release and handed to Inspect alone, which names
	// with their digests the files that it found there.
	Index
)

// Dependency is brought by release; its digest is kept in the package.
type Dependency struct {
	Kind DependencyKind
	// Reference is as it is written there: `nginx:1.25` for an image; `oci://host/repository:tag` or `https://...`, both with
	// `#sha256:...` where the digest is known, or `./path` beside deploy.toml for a file; `https://...` for an index. A path
	// may hold templates: every file that fits is brought, each under its own path.
	Reference string
	// Place is where it is written, for people.
	Place string
}

// Resolved is what release made of a dependency.
type Resolved struct {
	Reference string
	// Digest of the image's manifest, or of the file's bytes.
	Digest slipway.Blob
	// Pull is what an image is pulled by from the deployment registry, `host/repository@sha256:...`; empty for a file.
	Pull string
}
