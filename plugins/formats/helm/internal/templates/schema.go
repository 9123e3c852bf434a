// Values that a schema refuses.

package templates

import (
	"slices"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"
)

// schema says which values a schema refuses. Helm's list is in the order of a map; here it is sorted, chart by chart.
func schema(err error) error {
	refused := failure.Of(err)
	if !strings.HasPrefix(refused.Message, "values don't meet the specifications") {
		return refused
	}
	refused.Message = Sorted(refused.Message)
	return refused.WithHint("correct them under `values`; what they may be is in values.schema.json of that chart")
}

// Sorted sorts the items of the lists in a message, and those below each of them.
func Sorted(message string) string {
	lines := strings.Split(strings.TrimSpace(message), "\n")
	return strings.Join(sorted(lines, ""), "\n")
}

// sorted sorts the items that begin at one indent. What is indented more than an item belongs to it, and anything else
// ends the list.
func sorted(lines []string, indent string) []string {
	var done []string
	var items [][]string
	end := func() {
		for _, item := range items {
			copy(item[1:], sorted(item[1:], indent+"  "))
		}
		slices.SortFunc(items, slices.Compare)
		done = append(done, slices.Concat(items...)...)
		items = nil
	}
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, indent+"- "):
			items = append(items, []string{line})
		case strings.HasPrefix(line, indent+" ") && len(items) > 0:
			items[len(items)-1] = append(items[len(items)-1], line)
		default:
			end()
			done = append(done, line)
		}
	}
	end()
	return done
}
