// What is decided already when a release looks at a chart, and no environment is chosen yet.

package settings

import (
	"encoding/json"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"
)

// Known reads settings before there is an environment: what is a template is not decided yet, but for the names of
// values files.
func Known(text, service string) (*Settings, error) {
	decided, err := decided(text)
	if err != nil {
		return nil, err
	}
	settings, err := Parse(decided, service)
	if err != nil {
		return nil, err
	}
	var written written
	if err := json.Unmarshal([]byte(text), &written); err != nil {
		return nil, failure.Invalidf("the settings: %v", err)
	}
	settings.ValuesFiles = written.ValuesFiles
	return settings, nil
}

// decided is what settings say before there is an environment: a value that is a template is not there yet, and neither
// is a list that holds one, because its other elements alone would be another list.
func decided(text string) (string, error) {
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return "", failure.Invalidf("the settings: %v", err)
	}
	known, _ := without(document)
	if known == nil {
		return "{}", nil
	}
	// Of maps, lists and scalars that were just read.
	printed, err := json.Marshal(known)
	return string(printed), err
}

// without gives the value without what is a template, and whether anything is left.
func without(value any) (any, bool) {
	switch value := value.(type) {
	case string:
		return value, !strings.Contains(value, "{{") && !strings.Contains(value, "{%")
	case []any:
		for _, element := range value {
			if !whole(element) {
				return nil, false
			}
		}
		return value, true
	case map[string]any:
		kept := map[string]any{}
		for key, element := range value {
			if element, there := without(element); there {
				kept[key] = element
			}
		}
		return kept, true
	default:
		return value, true
	}
}

// whole says that there is no template in a value.
func whole(value any) bool {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if !whole(element) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, element := range value {
			if !whole(element) {
				return false
			}
		}
		return true
	default:
		_, there := without(value)
		return there
	}
}
