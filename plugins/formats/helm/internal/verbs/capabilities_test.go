// What a chart is rendered for.

package verbs

import (
	"errors"
	"strings"
	"testing"

	"slipway/plugins/formats/helm/internal/failure"
)

// served is a host whose cluster says what it is.
type served struct{ archives }

func (served) Capabilities() (string, []string, error) {
	return "v1.31.2-eks-7", []string{"apps/v1", "apps/v1/Deployment", "v1", "v1/Pod"}, nil
}

const judging = `apiVersion: v1
kind: ConfigMap
metadata: { name: sees }
data:
  version: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ list "v1" "apps/v1/Deployment" "batch/v1" "acme/v1" | join " " | quote }}
  which: '{{ range list "v1" "apps/v1/Deployment" "batch/v1" "acme/v1" }}{{ if $.Capabilities.APIVersions.Has . }}{{ . }} {{ end }}{{ end }}'
`

func TestAChartIsRenderedForWhatIsSaidOrThere(t *testing.T) {
	host := served{withTemplate(judging)}
	for settings, expected := range map[string]string{
		`{}`: `"version":"v1.37.0","which":"v1 batch/v1 "`,
		`{"kube-version": "1.30", "api-versions": ["acme/v1"]}`: `"version":"v1.30","which":"v1 batch/v1 acme/v1 "`,
		`{"capabilities": "cluster"}`:                           `"version":"v1.31.2-eks-7","which":"v1 apps/v1/Deployment "`,
	} {
		found, err := rendered(host, settings)
		if err != nil {
			t.Fatal(err)
		}
		if text := canonical(t, found.Objects["ConfigMap/sees"]); !strings.Contains(text, expected) {
			t.Errorf("%s: %s", settings, text)
		}
	}
	for settings, said := range map[string]string{
		`{"capabilities": "others"}`:                             "`capabilities` is \"cluster\" or not there, not \"others\"",
		`{"capabilities": "cluster", "kube-version": "v1.30.0"}`: "`kube-version` or `api-versions` say it too",
	} {
		_, err := rendered(host, settings)
		failed, is := errors.AsType[*failure.Failure](err)
		if !is || !strings.Contains(failed.Message, said) {
			t.Errorf("%s: %v", settings, err)
		}
	}
}
