// Package verbs is what a format is asked, without the wire: what the chart is, and what becomes of it in one
// environment. Pure but for the files of archives, which the host reads, and what it lets charts look up.
package verbs

import "slipway/plugins/formats/helm/internal/charts"

// Host reads archives, asks the cluster where that is granted, and is told how far a long call is.
type Host interface {
	// Files of an archive, by the digest of its bytes.
	Files(blob string) ([]charts.File, error)
	// Read gives the bytes of a file.
	Read(blob string) ([]byte, error)
	// LookUp gives what the environment's cluster has now, as JSON; empty where there is none. It may not be allowed.
	LookUp(wanted Wanted) (string, error)
	// Capabilities of the environment's cluster: its version, and the APIs that it serves.
	Capabilities() (version string, apis []string, err error)
	// Progress also says that the call goes on: it may compute for long only between two calls to the host.
	Progress(what string, done, total int)
}

// Artifact is a chart in deploy.toml.
type Artifact struct {
	Name     string
	Blob     string
	Settings string
}
