// Package rest names the configuration of a client that never exists: the engine's functions take one, and rendering
// passes none.
package rest

// Config would say how to reach a cluster.
type Config struct{}
