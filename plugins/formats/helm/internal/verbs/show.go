// The verb `show`.

package verbs

import (
	"fmt"
	"strings"

	"slipway/plugins/formats/helm/internal/settings"
	"slipway/plugins/formats/helm/internal/templates"
)

// Show gives what Render makes of a chart as `helm template` prints it: the objects with the files that they come from,
// the hooks after them. Nothing is relocated.
func Show(host Host, input RenderInput) ([]byte, error) {
	decided, err := settings.At(input.Target, input.Settings, input.Service)
	if err != nil {
		return nil, err
	}
	_, loaded, err := complete(host, input)
	if err != nil {
		return nil, err
	}
	base, err := valuesOf(host, decided.ValuesFiles, input.Resolved)
	if err != nil {
		return nil, err
	}
	found, err := output(loaded, decided, over(base, decided.Values), functions(input, decided), templates.Exact)
	if err != nil {
		return nil, err
	}
	var printed strings.Builder
	add := func(manifest templates.Manifest) {
		fmt.Fprintf(&printed, "---\n# Source: %s\n%s\n", manifest.Source, manifest.Text)
	}
	for _, definition := range found.Definitions {
		add(definition)
	}
	for _, manifest := range found.Manifests {
		add(manifest)
	}
	objects := strings.TrimSpace(printed.String()) + "\n"
	printed.Reset()
	for _, hook := range found.Hooks {
		add(hook.Manifest)
	}
	return []byte(objects + printed.String()), nil
}
