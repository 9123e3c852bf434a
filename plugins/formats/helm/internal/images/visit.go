// Where the images of an object are.

package images

import (
	"slices"
	"strconv"
	"strings"
)

// Found is an image in an object.
type Found struct {
	// Pointer is a JSON pointer into the object.
	Pointer   string
	Reference string
	// Certain: it is pulled by this name. Otherwise it is a text, such as an argument, that may be the name of one.
	Certain bool
}

// Visit calls `see` for every image of an object, in the order of the pointers, and puts what it answers in its place.
//
// Pod templates are known by what is in them wherever they are, so that those of custom resources are found too.
// Fields called `image` elsewhere count where they can hardly be anything else. Definitions, ConfigMaps and Secrets
// hold texts of others, in which nothing is looked for.
func Visit(object map[string]any, see func(Found) string) {
	switch object["kind"] {
	case "CustomResourceDefinition", "ConfigMap", "Secret":
	default:
		visit(object, "", see)
	}
}

func visit(node any, pointer string, see func(Found) string) {
	switch node := node.(type) {
	case map[string]any:
		for _, key := range sorted(node) {
			below := pointer + "/" + escape(key)
			switch value := node[key].(type) {
			case string:
				if key == "image" && explicit(value) {
					node[key] = see(Found{below, value, true})
				}
			case []any:
				switch key {
				case "containers", "initContainers", "ephemeralContainers":
					containers(value, below, see)
				case "volumes":
					volumes(value, below, see)
				default:
					visit(value, below, see)
				}
			default:
				visit(value, below, see)
			}
		}
	case []any:
		for at, element := range node {
			visit(element, pointer+"/"+strconv.Itoa(at), see)
		}
	}
}

func containers(list []any, pointer string, see func(Found) string) {
	for at, element := range list {
		container, is := element.(map[string]any)
		if !is {
			continue
		}
		below := pointer + "/" + strconv.Itoa(at)
		for _, key := range []string{"args", "command"} {
			words, _ := container[key].([]any)
			for at, word := range words {
				if text, is := word.(string); is {
					words[at] = mentioned(text, below+"/"+key+"/"+strconv.Itoa(at), see)
				}
			}
		}
		variables, _ := container["env"].([]any)
		for at, element := range variables {
			variable, _ := element.(map[string]any)
			if text, is := variable["value"].(string); is {
				variable["value"] = mentioned(text, below+"/env/"+strconv.Itoa(at)+"/value", see)
			}
		}
		if image, is := container["image"].(string); is {
			container["image"] = see(Found{below + "/image", image, true})
		}
	}
}

// mentioned looks at a word such as `--sidecar=quay.io/acme/sidecar:1.0`, or the reference alone.
func mentioned(text, pointer string, see func(Found) string) string {
	option, value := "", text
	if before, after, found := strings.Cut(text, "="); found {
		option, value = before+"=", after
	}
	if !explicit(value) {
		return text
	}
	return option + see(Found{pointer, value, false})
}

func volumes(list []any, pointer string, see func(Found) string) {
	for at, element := range list {
		volume, _ := element.(map[string]any)
		image, _ := volume["image"].(map[string]any)
		if reference, is := image["reference"].(string); is {
			image["reference"] = see(Found{pointer + "/" + strconv.Itoa(at) + "/image/reference", reference, true})
		}
	}
}

func sorted(of map[string]any) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

var escaped = strings.NewReplacer("~", "~0", "/", "~1")

func escape(key string) string {
	return escaped.Replace(key)
}
