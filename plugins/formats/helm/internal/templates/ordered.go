// Functions that give the contents of a map in any order.

package templates

import (
	"maps"
	"slices"
	"text/template"
)

// ordered has `keys` and `values`, which give what is in a map in any order: here in the order of the keys, one of
// those that Helm might have given.
func ordered() template.FuncMap {
	return template.FuncMap{
		"keys": func(of ...map[string]any) []string {
			found := []string{}
			for _, one := range of {
				found = append(found, slices.Sorted(maps.Keys(one))...)
			}
			return found
		},
		"values": func(of map[string]any) []any {
			found := []any{}
			for _, key := range slices.Sorted(maps.Keys(of)) {
				found = append(found, of[key])
			}
			return found
		},
	}
}
