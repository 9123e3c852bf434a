// Where the values of a rendered file came from.

package format

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Origin says where a final value came from: both are JSON pointers.
type Origin struct {
	File    string
	Pointer string
	Setting string
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

// Origins are one for each value of a document that the settings hold at the same place, when a file is laid out as they are.
// What they do not hold is a default of the plugin and has none. Both are JSON.
func Origins(file string, document, settings []byte) ([]Origin, error) {
	var values, set any
	if err := json.Unmarshal(document, &values); err != nil {
		return nil, fmt.Errorf("%s is not JSON: %w", file, err)
	}
	if err := json.Unmarshal(settings, &set); err != nil {
		return nil, fmt.Errorf("the settings are not JSON: %w", err)
	}
	var found []Origin
	walk(file, values, set, "", &found)
	return found, nil
}

func walk(file string, document, settings any, pointer string, found *[]Origin) {
	switch document := document.(type) {
	case map[string]any:
		if set, ok := settings.(map[string]any); ok && len(document) > 0 {
			for _, key := range slices.Sorted(maps.Keys(document)) {
				if setting, ok := set[key]; ok {
					walk(file, document[key], setting, pointer+"/"+escapes.Replace(key), found)
				}
			}
			return
		}
	case []any:
		if set, ok := settings.([]any); ok && len(document) > 0 {
			for index := range min(len(document), len(set)) {
				walk(file, document[index], set[index], pointer+"/"+strconv.Itoa(index), found)
			}
			return
		}
	}
	*found = append(*found, Origin{File: file, Pointer: pointer, Setting: pointer})
}
