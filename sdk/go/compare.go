// Whether a document has the keys that a type has. The types themselves are encoding/json's business.

package slipway

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

var (
	ownJSON = reflect.TypeFor[json.Unmarshaler]()
	ownText = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// field of an object, by its key.
type field struct {
	kind     reflect.Type
	optional bool
}

// compare walks document and type together; at is where they are, as people write it: `env.PORT`, `steps[0]`.
func compare(at string, document any, kind reflect.Type, closed bool) error {
	for kind.Kind() == reflect.Pointer {
		if document == nil {
			return nil
		}
		kind = kind.Elem()
	}
	if reflect.PointerTo(kind).Implements(ownJSON) || kind.Kind() == reflect.Interface {
		return nil
	}
	if document == nil {
		return fmt.Errorf("%s is null", shown(at))
	}
	if reflect.PointerTo(kind).Implements(ownText) {
		return nil
	}
	switch document := document.(type) {
	case map[string]any:
		return compareObject(at, document, kind, closed)
	case []any:
		if kind.Kind() != reflect.Slice && kind.Kind() != reflect.Array {
			return nil
		}
		for index, element := range document {
			if err := compare(at+"["+strconv.Itoa(index)+"]", element, kind.Elem(), closed); err != nil {
				return err
			}
		}
	}
	return nil
}

func compareObject(at string, document map[string]any, kind reflect.Type, closed bool) error {
	// In sorted order, so that of several problems always the same is told.
	keys := slices.Sorted(maps.Keys(document))
	switch kind.Kind() {
	case reflect.Map:
		for _, key := range keys {
			if err := compare(below(at, key), document[key], kind.Elem(), closed); err != nil {
				return err
			}
		}
	case reflect.Struct:
		fields := map[string]field{}
		fieldsOf(kind, fields)
		for _, key := range keys {
			known, ok := fields[key]
			if !ok && closed {
				return fmt.Errorf("%s is not known%s", shown(below(at, key)), choice(fields))
			}
			if !ok || document[key] == nil && known.optional {
				continue
			}
			if err := compare(below(at, key), document[key], known.kind, closed); err != nil {
				return err
			}
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if _, ok := document[key]; !ok && !fields[key].optional {
				return fmt.Errorf("%s is missing", shown(below(at, key)))
			}
		}
	}
	return nil
}

// fieldsOf collects what encoding/json would fill, with the fields of embedded structs.
func fieldsOf(kind reflect.Type, into map[string]field) {
	for index := range kind.NumField() {
		member := kind.Field(index)
		tag := member.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if member.Anonymous && name == "" && member.Type.Kind() == reflect.Struct {
			fieldsOf(member.Type, into)
			continue
		}
		if !member.IsExported() || tag == "-" {
			continue
		}
		if name == "" {
			name = member.Name
		}
		optional := member.Type.Kind() == reflect.Pointer
		for option := range strings.SplitSeq(options, ",") {
			optional = optional || option == "omitempty" || option == "omitzero"
		}
		into[name] = field{member.Type, optional}
	}
}

func below(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func shown(at string) string {
	if at == "" {
		return "it"
	}
	return "`" + at + "`"
}

func choice(fields map[string]field) string {
	if len(fields) == 0 {
		return ": there are no keys"
	}
	return ": there is `" + strings.Join(slices.Sorted(maps.Keys(fields)), "`, `") + "`"
}
