// Which images the values of a chart name, each way of naming one.

package images

import (
	"fmt"
	"strings"
	"testing"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"sigs.k8s.io/yaml"
)

const someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestImagesThatValuesName(t *testing.T) {
	of := func(name, version string, subcharts ...*chart.Chart) *chart.Chart {
		made := &chart.Chart{Metadata: &chart.Metadata{Name: name, AppVersion: version}}
		made.SetDependencies(subcharts...)
		return made
	}
	whole := of("shop", "7", of("db", "16"))
	for values, expected := range map[string]string{
		"image: { repository: acme/web, tag: 1.2 }":                              "image=acme/web:1.2",
		"image: { repository: acme/web, tag: '' }":                               "image=acme/web:7",
		"image: { repository: acme/web, tag: null }":                             "image=acme/web:7",
		"image: { registry: quay.io, repository: acme/web, tag: v1 }":            "image=quay.io/acme/web:v1",
		"image: { repository: acme/web, digest: '" + someDigest + "' }":          "image=acme/web@" + someDigest,
		"image: { repository: acme/web, tag: a, digest: " + someDigest + " }":    "image=acme/web:a@" + someDigest,
		"deep: { er: { repository: acme/web, tag: a } }":                         "deep.er=acme/web:a",
		"image: ghcr.io/acme/web:1":                                              "image=ghcr.io/acme/web:1",
		"db: { image: { repository: acme/db, tag: '' } }":                        "db.image=acme/db:16",
		"repository: acme/web\ntag: a":                                           "=acme/web:a",
		"a: { image: { repository: b, tag: '1' } }\nc: { image: quay.io/d/e:2 }": "a.image=b:1 c.image=quay.io/d/e:2",
		"image: { repository: acme/web }":                                        "",
		"image: plain":                                                           "",
		"image: { repository: '', tag: a }":                                      "",
		"git: { repository: 'https://example.org/x.git', tag: v1 }":              "",
		"list: [{ repository: acme/web, tag: a }]":                               "",
	} {
		var read map[string]any
		if err := yaml.Unmarshal([]byte(values), &read); err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, named := range InValues(whole, read) {
			found = append(found, fmt.Sprintf("%s=%s", named.Place, named.Reference))
		}
		if text := strings.Join(found, " "); text != expected {
			t.Errorf("%s: %q and not %q", values, text, expected)
		}
	}
}
