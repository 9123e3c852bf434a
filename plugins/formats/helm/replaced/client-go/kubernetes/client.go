// Package kubernetes is imported by the engine for nothing but the version of its module, which says for which
// Kubernetes this Helm was made.
package kubernetes
