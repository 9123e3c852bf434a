// Where the images of values are.

package images

import (
	"fmt"
	"strconv"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// Named is an image that values name.
type Named struct {
	Reference string
	// Place in the values, with dots.
	Place string
}

// InValues finds the images that the values of a chart name the way most charts do: `repository` beside `tag`,
// `registry` and `digest`, or `image` in one text. Where the tag is empty, charts take the version of their
// application. The values of a subchart are below its name.
func InValues(of *chart.Chart, values map[string]any) []Named {
	var found []Named
	inChart(of, values, "", &found)
	return found
}

func inChart(of *chart.Chart, values map[string]any, place string, found *[]Named) {
	own := map[string]any{}
	for key, value := range values {
		own[key] = value
	}
	for _, subchart := range of.Dependencies() {
		if below, is := values[subchart.Name()].(map[string]any); is {
			delete(own, subchart.Name())
			inChart(subchart, below, join(place, subchart.Name()), found)
		}
	}
	inTable(of, own, place, found)
}

func inTable(of *chart.Chart, table map[string]any, place string, found *[]Named) {
	if reference, is := pair(table, of.AppVersion()); is {
		*found = append(*found, Named{reference, place})
	}
	for _, key := range sorted(table) {
		below := join(place, key)
		switch value := table[key].(type) {
		case string:
			if key == "image" && explicit(value) {
				*found = append(*found, Named{value, below})
			}
		case map[string]any:
			inTable(of, value, below, found)
		}
	}
}

func join(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}

func pair(table map[string]any, version string) (string, bool) {
	repository, is := table["repository"].(string)
	tag, tagged := table["tag"]
	digest, _ := table["digest"].(string)
	if !is || repository == "" || (!tagged && digest == "") {
		return "", false
	}
	reference := repository
	if registry, _ := table["registry"].(string); registry != "" {
		reference = registry + "/" + reference
	}
	text := scalar(tag)
	if text == "" && digest == "" {
		text = version
	}
	if text != "" {
		reference += ":" + text
	}
	if digest != "" {
		reference += "@" + digest
	}
	_, sound := Canonical(reference)
	return reference, sound && (text != "" || digest != "")
}

// scalar prints a tag that was written without quotes.
func scalar(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	default:
		return fmt.Sprint(value)
	}
}
