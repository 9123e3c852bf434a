// JSON at the boundary becomes a plugin's own types.

package slipway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Defaulter is what a type implements whose zero value is not what is meant where nothing was said. It is asked of the
// outermost type alone, before anything is decoded into it.
type Defaulter interface {
	SetDefaults()
}

// Decode understands a document that people wrote, such as settings: a key that the type does not have is refused by its
// name, as is one that is missing. What may be missing, or null, is a pointer, or its tag says `omitempty` or `omitzero`.
func Decode[T any](text []byte) (T, error) {
	var value T
	return value, decode(text, &value, true)
}

// Encode is one line of JSON, in which `<`, `>` and `&` stay what they are. Keys of maps are sorted, so that the same value
// gives the same bytes.
func Encode(value any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n")), nil
}

// decode checks what encoding/json passes over: keys that are unknown (where closed says so), written otherwise, or missing.
func decode(text []byte, into any, closed bool) error {
	document, err := tree(text)
	if err != nil {
		return err
	}
	if err := compare("", document, reflect.TypeOf(into).Elem(), closed); err != nil {
		return err
	}
	if defaulter, ok := into.(Defaulter); ok {
		defaulter.SetDefaults()
	}
	return plain(json.Unmarshal(text, into))
}

// tree is a document as it stands: exactly one, with numbers as they were written.
func tree(text []byte) (document any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("it ends too early")
		}
		return nil, plain(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows after its end")
	}
	return document, nil
}

// plain says it in words that a person who knows no Go can do something with.
func plain(err error) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	at := "it"
	if wrong.Field != "" {
		at = "`" + wrong.Field + "`"
	}
	return fmt.Errorf("%s is %s where %s is expected", at, came(wrong.Value), expected(wrong.Type))
}

// came is what encoding/json found, which it says as `array` or `number 7`.
func came(value string) string {
	kind, number, _ := strings.Cut(value, " ")
	switch {
	case number != "":
		return number
	case kind == "array":
		return "a list"
	case kind == "object":
		return "an object"
	case kind == "string":
		return "a text"
	case kind == "bool":
		return "true or false"
	default:
		return "a " + kind
	}
}

func expected(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number that fits"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number from 0 that fits"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Pointer:
		return expected(kind.Elem())
	default:
		return "an object"
	}
}
