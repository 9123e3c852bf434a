// The file of a workload.

package objects

import (
	"bytes"
	"encoding/json"
	"slices"

	"slipway/plugins/formats/helm/internal/failure"
)

// Kind of the workload.
const Kind = "kubernetes"

// Hook is an object that runs at a moment of a release.
type Hook struct {
	Object Object
	When   []string
	Weight int
	Delete []string
	// Logs says at which end of it its logs are told.
	Logs []string
}

// Ignored is an object that is never made, because of moments that nobody knows.
type Ignored struct {
	Name    string
	Source  string
	Unknown []string
}

// Image that was put in the place of another.
type Image struct {
	Reference string   `json:"reference"`
	Pull      string   `json:"pull"`
	Places    []string `json:"places"`
}

// Workload is everything of one artifact.
type Workload struct {
	Artifact string
	Digest   string
	// Objects in the order in which they are made.
	Objects []Object
	Hooks   []Hook
	Images  []Image
	Ignored []Ignored
	sources map[string]string
}

// Add appends an object that is there once.
func (w *Workload) Add(object Object) error {
	if other, there := w.sources[object.ID]; there {
		return failure.Invalidf("%s: %s is there twice, also in %s", object.Source, object.ID, other)
	}
	if !object.named() {
		return failure.Invalidf("%s: %s has a generateName, and an object that stays needs a name", object.Source, object.ID)
	}
	if w.sources == nil {
		w.sources = map[string]string{}
	}
	w.sources[object.ID] = object.Source
	w.Objects = append(w.Objects, object)
	return nil
}

// Has says that an object is there.
func (w *Workload) Has(id string) bool {
	_, there := w.sources[id]
	return there
}

// All objects, those of hooks too.
func (w *Workload) All() []Object {
	all := slices.Clone(w.Objects)
	for _, hook := range w.Hooks {
		all = append(all, hook.Object)
	}
	return all
}

// Print gives the file: the same bytes for the same workload. Keys are sorted but for the objects, which keep their
// order.
func (w *Workload) Print() ([]byte, error) {
	type hook struct {
		Object map[string]any `json:"object"`
		When   []string       `json:"when"`
		Weight int            `json:"weight"`
		Delete []string       `json:"delete"`
		Logs   []string       `json:"logs,omitempty"`
	}
	file := struct {
		Kind     string  `json:"kind"`
		Artifact string  `json:"artifact"`
		Digest   string  `json:"digest"`
		Objects  ordered `json:"objects"`
		Hooks    []hook  `json:"hooks,omitempty"`
		Images   []Image `json:"images,omitempty"`
	}{Kind, w.Artifact, w.Digest, w.Objects, nil, w.Images}
	for _, one := range w.Hooks {
		file.Hooks = append(file.Hooks, hook{one.Object.Content, one.When, one.Weight, one.Delete, one.Logs})
	}
	var printed bytes.Buffer
	encoder := json.NewEncoder(&printed)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file); err != nil {
		return nil, failure.Invalidf("the objects cannot be written: %v", err)
	}
	return printed.Bytes(), nil
}

// ordered is printed as one object, in the order of the list.
type ordered []Object

// MarshalJSON writes id after id.
func (o ordered) MarshalJSON() ([]byte, error) {
	printed := []byte{'{'}
	for at, object := range o {
		if at > 0 {
			printed = append(printed, ',')
		}
		id, err := plain(object.ID)
		if err != nil {
			return nil, err
		}
		content, err := plain(object.Content)
		if err != nil {
			return nil, err
		}
		printed = append(append(append(printed, id...), ':'), content...)
	}
	return append(printed, '}'), nil
}

// plain prints without the escapes that only a web page needs.
func plain(value any) ([]byte, error) {
	var printed bytes.Buffer
	encoder := json.NewEncoder(&printed)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(printed.Bytes(), []byte{'\n'}), err
}
