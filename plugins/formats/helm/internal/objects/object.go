// Package objects is what a target is handed: the objects of a chart by their names, its hooks, and the images in
// them. It knows Kubernetes' documents and nothing of charts.
package objects

import (
	"bytes"
	"encoding/json"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"

	"sigs.k8s.io/yaml"
)

// Object is one document.
type Object struct {
	// ID is `Kind[.group]/[namespace/]name`.
	ID string
	// Source is the file that it came from, for people.
	Source  string
	Content map[string]any
}

// Parse reads a document as Kubernetes does; a list is its items. Nothing but comments is no object. The namespace of
// the release is not a part of a name: it differs from environment to environment, and an overlay names the object in
// all of them.
func Parse(source, text, namespace string) ([]Object, error) {
	document, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil, failure.Invalidf("YAML parse error on %s: %v", source, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	// As they are written: a number that went through a float may be another one.
	decoder.UseNumber()
	var content any
	if err := decoder.Decode(&content); err != nil {
		return nil, failure.Invalidf("YAML parse error on %s: %v", source, err)
	}
	if content == nil {
		return nil, nil
	}
	object, is := content.(map[string]any)
	if !is {
		return nil, failure.Invalidf("%s: a document is no object: it has no kind", source)
	}
	return flatten(source, object, namespace)
}

func flatten(source string, content map[string]any, namespace string) ([]Object, error) {
	kind, _ := content["kind"].(string)
	version, _ := content["apiVersion"].(string)
	if kind == "" || version == "" {
		return nil, failure.Invalidf("%s: an object has no apiVersion or no kind", source)
	}
	items, is := content["items"].([]any)
	if is && strings.HasSuffix(kind, "List") {
		var objects []Object
		for _, item := range items {
			content, is := item.(map[string]any)
			if !is {
				return nil, failure.Invalidf("%s: an item of a %s is no object", source, kind)
			}
			inside, err := flatten(source, content, namespace)
			if err != nil {
				return nil, err
			}
			objects = append(objects, inside...)
		}
		return objects, nil
	}
	id, err := identify(source, content, kind, version, namespace)
	if err != nil {
		return nil, err
	}
	return []Object{{id, source, content}}, nil
}

func identify(source string, content map[string]any, kind, version, namespace string) (string, error) {
	metadata, _ := content["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	if name == "" {
		// One that the server names has no name yet; only a hook may be such a one.
		name, _ = metadata["generateName"].(string)
	}
	if name == "" {
		return "", failure.Invalidf("%s: a %s has no metadata.name", source, kind)
	}
	id := kind
	if group, _, found := strings.Cut(version, "/"); found {
		id += "." + group
	}
	if own, _ := metadata["namespace"].(string); own != "" && own != namespace {
		id += "/" + own
	}
	return id + "/" + name, nil
}

// named says that an object has the name it will have.
func (o Object) named() bool {
	metadata, _ := o.Content["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name != ""
}

var escaped = strings.NewReplacer("~", "~0", "/", "~1")

// Escape makes a key a step of a JSON pointer.
func Escape(key string) string {
	return escaped.Replace(key)
}
