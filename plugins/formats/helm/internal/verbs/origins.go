// Which value in deploy.toml a value in the objects comes from.

package verbs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/plugins/formats/helm/internal/objects"
)

// maxWork is how much may be rendered to explain one rendering: bytes of the chart and of what comes out of it, each
// time. It is some ten seconds at most.
const maxWork = 8 << 20

// Origin says which setting a value in the file comes from; both are JSON pointers.
type Origin struct {
	File    string
	Pointer string
	Setting string
}

// origins finds out what each of the values in deploy.toml does. A template is a program, and what it made of a value
// cannot be read off it: the chart is rendered again without the value (or with another, where it cannot do without),
// and what is then not as it was comes from it. What that would cost is known before, and a very big chart with very
// many values is left unexplained.
func origins(host Host, of explained, again func(map[string]any) (*objects.Workload, error)) []Origin {
	settings := leaves(of.values, nil)
	before := contents(of.workload)
	size := of.size
	for _, text := range before {
		size += len(text)
	}
	if len(settings)*size > maxWork {
		return nil
	}
	chosen := map[string]leaf{}
	for at, setting := range settings {
		host.Progress("finding out what each value does", at, len(settings))
		other, err := again(replaced(of.values, setting.path, nil))
		if err != nil {
			other, err = again(replaced(of.values, setting.path, different(setting.value)))
		}
		if err != nil {
			continue
		}
		for _, pointer := range differences(before, contents(other)) {
			known, there := chosen[pointer]
			if !there || !known.in(before[pointer]) && setting.in(before[pointer]) {
				chosen[pointer] = setting
			}
		}
	}
	var found []Origin
	for _, pointer := range slices.Sorted(maps.Keys(chosen)) {
		found = append(found, Origin{of.file, pointer, "/values" + chosen[pointer].pointer()})
	}
	return found
}

// explained is what a rendering was made of, and what came out of it.
type explained struct {
	file     string
	workload *objects.Workload
	values   map[string]any
	// size of the chart in bytes.
	size int
}

// leaf is a value in deploy.toml.
type leaf struct {
	path  []string
	value any
}

func (l leaf) pointer() string {
	pointer := ""
	for _, key := range l.path {
		pointer += "/" + objects.Escape(key)
	}
	return pointer
}

// in says that the value stands in a text of the file.
func (l leaf) in(text string) bool {
	value := fmt.Sprint(l.value)
	return value != "" && strings.Contains(text, value)
}

func leaves(table map[string]any, path []string) []leaf {
	var found []leaf
	for _, key := range slices.Sorted(maps.Keys(table)) {
		below := append(slices.Clone(path), key)
		if inner, is := table[key].(map[string]any); is && len(inner) > 0 {
			found = append(found, leaves(inner, below)...)
		} else {
			found = append(found, leaf{below, table[key]})
		}
	}
	return found
}

// replaced copies the tables on the way to a value and puts another in its place; nil leaves it away.
func replaced(table map[string]any, path []string, value any) map[string]any {
	copied := maps.Clone(table)
	switch inner, is := table[path[0]].(map[string]any); {
	case len(path) > 1 && is:
		copied[path[0]] = replaced(inner, path[1:], value)
	case value == nil:
		delete(copied, path[0])
	default:
		copied[path[0]] = value
	}
	return copied
}

// different gives another value of the same type, so that most schemas take it too.
func different(value any) any {
	switch value := value.(type) {
	case string:
		return value + "x"
	case float64:
		return value + 1
	case bool:
		return !value
	default:
		return nil
	}
}

// contents lists every scalar of the objects by its pointer in the file.
func contents(workload *objects.Workload) map[string]string {
	found := map[string]string{}
	for _, object := range workload.Objects {
		scalars(object.Content, "/objects/"+objects.Escape(object.ID), found)
	}
	for at, hook := range workload.Hooks {
		scalars(hook.Object.Content, fmt.Sprintf("/hooks/%d/object", at), found)
	}
	return found
}

func scalars(node any, pointer string, found map[string]string) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			scalars(value, pointer+"/"+objects.Escape(key), found)
		}
	case []any:
		for at, value := range node {
			scalars(value, fmt.Sprintf("%s/%d", pointer, at), found)
		}
	case json.Number:
		found[pointer] = node.String()
	default:
		found[pointer] = fmt.Sprint(node)
	}
}

func differences(before, after map[string]string) []string {
	var found []string
	for pointer, value := range before {
		if other, there := after[pointer]; !there || other != value {
			found = append(found, pointer)
		}
	}
	return found
}
