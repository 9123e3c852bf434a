// The ways into what is deployed.

package objects

// Ports names the ways in: a Service that selects pods of these objects by its name, for its first port, and as
// `service:port` for each further port that has a name. Where no namespace is written, that of the release is meant.
func Ports(objects []Object, namespace string) []string {
	space := func(object Object) string {
		if own, _ := table(object.Content, "metadata")["namespace"].(string); own != "" {
			return own
		}
		return namespace
	}
	var pods []pod
	for _, object := range objects {
		if labels, is := labelsOf(object); is {
			pods = append(pods, pod{space(object), labels})
		}
	}
	var ports []string
	for _, object := range objects {
		if object.Content["kind"] != "Service" || object.Content["apiVersion"] != "v1" {
			continue
		}
		spec, _ := object.Content["spec"].(map[string]any)
		selector, _ := spec["selector"].(map[string]any)
		if len(selector) == 0 || !selects(space(object), selector, pods) {
			continue
		}
		name, _ := table(object.Content, "metadata")["name"].(string)
		listed, _ := spec["ports"].([]any)
		for at, element := range listed {
			port, _ := element.(map[string]any)
			named, _ := port["name"].(string)
			switch {
			case at == 0:
				ports = append(ports, name)
			case named != "":
				ports = append(ports, name+":"+named)
			}
		}
	}
	return ports
}

// pod is what is known of pods before there are any.
type pod struct {
	namespace string
	labels    map[string]any
}

func labelsOf(object Object) (map[string]any, bool) {
	switch object.Content["kind"] {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController":
		return table(object.Content, "spec", "template", "metadata", "labels"), true
	case "Pod":
		return table(object.Content, "metadata", "labels"), true
	default:
		return nil, false
	}
}

func selects(namespace string, selector map[string]any, pods []pod) bool {
	for _, pod := range pods {
		all := pod.namespace == namespace
		for key, value := range selector {
			all = all && pod.labels[key] == value
		}
		if all {
			return true
		}
	}
	return false
}

// table follows keys down; what is not there is an empty table.
func table(content map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		content, _ = content[key].(map[string]any)
	}
	return content
}
