// Indexes as repositories serve them: sorted or not, quoted or not, big.

package charts

import (
	"fmt"
	"strings"
	"testing"
)

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestArchivesAreFoundInAnIndex(t *testing.T) {
	written := `apiVersion: v1
entries:
  alpine:
  - version: 0.2.0
    description: |
      alpine:
        store:
      - nothing
    digest: D
    urls: [alpine-0.2.0.tgz]
  "store":
  # the newest first
  - name: store
    version: v2.0.0
    digest: sha256:D
    urls:
    - https://cdn.example/a/store-2.0.0.tgz
  - name: store
    version: 1.0.0
    digest: D
    urls:
    - charts/store-1.0.0.tgz?x=1
  - name: store
    version: 0.1.0
    urls: [x]
  - { version: 0.0.9, digest: D, urls: ["oci://registry.example/store:0.0.9"] }
  - { version: 0.0.8+a, urls: ["oci://registry.example:5000/acme/store"] }
  - { version: 0.0.7, digest: D0, urls: [x] }
  - { version: 0.0.6, digest: D }
  - { version: 0.0.5, urls: ["ftp://charts.example/store.tgz"] }
  zoo:
  - version: 9.0.0
generated: "2026-01-01T00:00:00Z"
store:
  - version: 7.0.0
`
	indented := `entries:
    store:
        - version: 1.0.0
          digest: D
          urls:
            - /store.tgz
    zoo: []
`
	asJSON := `{"entries": {"store": [{"version": "1.0.0", "digest": "D", "urls": ["../s.tgz"]}]}}`
	const at = "https://charts.example/stable/index.yaml"
	for _, one := range []struct{ index, name, version, expected string }{
		{written, "store", "1.0.0", "https://charts.example/stable/charts/store-1.0.0.tgz?x=1#sha256:" + digest},
		{written, "store", "2.0.0", "https://cdn.example/a/store-2.0.0.tgz#sha256:" + digest},
		{written, "alpine", "0.2.0", "https://charts.example/stable/alpine-0.2.0.tgz#sha256:" + digest},
		{written, "store", "7.0.0", "has no version 7.0.0; it has v2.0.0, 1.0.0, 0.1.0, 0.0.9, 0.0.8+a and others"},
		{written, "store", "0.1.0", "https://charts.example/stable/x"},
		{written, "store", "0.0.9", "oci://registry.example/store:0.0.9#sha256:" + digest},
		{written, "store", "0.0.8+a", "oci://registry.example:5000/acme/store:0.0.8_a"},
		{written, "store", "0.0.7", "version 0.0.7: its digest is"},
		{written, "store", "0.0.6", "version 0.0.6: it says of no address where that is"},
		{written, "store", "0.0.5", "nothing is fetched from ftp://"},
		{written, "sto", "1.0.0", "has no chart of this name"},
		{indented, "store", "1.0.0", "https://charts.example/store.tgz#sha256:" + digest},
		{indented, "zoo", "1.0.0", "has no chart of this name"},
		{asJSON, "store", "1.0.0", "https://charts.example/s.tgz#sha256:" + digest},
		{"no index", "store", "1.0.0", "has no chart of this name"},
	} {
		content := strings.ReplaceAll(one.index, "D", digest)
		found, err := InIndex([]byte(content), at, Missing{Name: one.name, Version: one.version})
		if err != nil {
			found = err.Error()
		}
		if found != one.expected && (err == nil || !strings.Contains(found, one.expected)) {
			t.Errorf("%s %s: %s", one.name, one.version, found)
		}
	}
}

func TestABigIndexIsReadAtOnce(t *testing.T) {
	var big strings.Builder
	big.WriteString("apiVersion: v1\nentries:\n")
	for chart := range 500 {
		fmt.Fprintf(&big, "  chart-%d:\n", chart)
		for version := range 60 {
			fmt.Fprintf(&big, "  - version: 1.%d.0\n    digest: %s\n    description: %s\n    urls:\n    - c-%d-%d.tgz\n",
				version, digest, strings.Repeat("text ", 60), chart, version)
		}
	}
	took := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if _, err := InIndex([]byte(big.String()), "https://x.example/index.yaml", Missing{Name: "chart-499", Version: "1.7.0"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	if took.NsPerOp() > 1e9 {
		t.Errorf("%d MiB take %v", big.Len()>>20, took)
	}
}
