// What `lookup` answers.

package verbs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
)

// Wanted is what a chart looks up: one object, or without a name all of its kind.
type Wanted struct {
	APIVersion string
	Kind       string
	Namespace  string
	Name       string
}

func (w Wanted) String() string {
	what := fmt.Sprintf("%s (%s)", w.Kind, w.APIVersion)
	switch {
	case w.Name == "" && w.Namespace == "":
		return "every " + what
	case w.Name == "":
		return "every " + what + " of " + w.Namespace
	case w.Namespace == "":
		return what + " " + w.Name
	default:
		return what + " " + w.Namespace + "/" + w.Name
	}
}

// lookups answers from the cluster what the setting lists, each thing once, so that all of a rendering sees the same;
// and the rest with nothing, as `helm template` does.
type lookups struct {
	host  Host
	kinds []string
	known map[Wanted]string
	// not has what was answered with nothing because nobody lets it be looked up.
	not map[Wanted]bool
	// closed: what comes now is rendered to explain, and nothing more is asked for it.
	closed bool
}

func newLookups(host Host, kinds []string) *lookups {
	return &lookups{host: host, kinds: kinds, known: map[Wanted]string{}, not: map[Wanted]bool{}}
}

// into adds the function to others.
func (l *lookups) into(functions template.FuncMap) template.FuncMap {
	functions["lookup"] = l.find
	return functions
}

func (l *lookups) find(apiVersion, kind, namespace, name string) (map[string]any, error) {
	wanted := Wanted{apiVersion, kind, namespace, name}
	if !slices.Contains(l.kinds, kind) {
		if !l.closed {
			l.not[wanted] = true
		}
		return map[string]any{}, nil
	}
	text, known := l.known[wanted]
	if !known && !l.closed {
		var err error
		if text, err = l.host.LookUp(wanted); err != nil {
			return nil, err
		}
		l.known[wanted] = text
	}
	// Read anew each time: a template may change what it was given.
	return object(text)
}

// notes say what was not looked up.
func (l *lookups) notes() []string {
	var notes []string
	for _, wanted := range slices.SortedFunc(maps.Keys(l.not), func(one, other Wanted) int {
		return strings.Compare(one.String(), other.String())
	}) {
		next := fmt.Sprintf("`lookup = [%q]` asks the cluster, if its operator lets it", wanted.Kind)
		if strings.EqualFold(wanted.Kind, "secret") {
			next = "a Secret never is; hand over what the chart would take from it by `values`, as a parameter of type `secret`"
		}
		notes = append(notes, fmt.Sprintf("%s is not looked up, and the chart is told that there is none, as by `helm template`: %s", wanted, next))
	}
	return notes
}

// object reads what the cluster has, with numbers as Helm's own client reads them; nothing is an empty one.
func object(text string) (map[string]any, error) {
	found := map[string]any{}
	if text == "" {
		return found, nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&found); err != nil {
		return nil, fmt.Errorf("what the cluster has cannot be read: %w", err)
	}
	plain, _ := numbers(found).(map[string]any)
	return plain, nil
}

// numbers are whole where they are written so.
func numbers(node any) any {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			node[key] = numbers(value)
		}
	case []any:
		for at, value := range node {
			node[at] = numbers(value)
		}
	case json.Number:
		if whole, err := node.Int64(); err == nil {
			return whole
		}
		broken, _ := node.Float64()
		return broken
	}
	return node
}
