// What the cluster of an environment has now, for a format that makes objects of it: kinds that the artifact's setting
// `lookup` lists and that the operator lets be looked up there, and never a Secret.

package slipway

import "encoding/json"

// Cluster is what it says of itself.
type Cluster struct {
	// Version such as `v1.35.4`.
	Version string
	// APIs that it serves, and kinds of them, such as `apps/v1` and `apps/v1/Deployment`; sorted.
	APIs []string
}

// FindObject gives one object; without a name a list of all, and without a namespace of all namespaces. Nil where there is
// none. [read]
func FindObject(apiVersion, kind, namespace, name string) (json.RawMessage, error) {
	text, found, err := findObject(apiVersion, kind, namespace, name)
	if err != nil || !found {
		return nil, err
	}
	return json.RawMessage(text), nil
}

// ThisCluster says what the cluster is, where the artifact's setting `capabilities` is `cluster`. [read]
func ThisCluster() (Cluster, error) {
	return clusterCapabilities()
}
