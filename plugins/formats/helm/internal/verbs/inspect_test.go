// What a chart is said to be and to need.

package verbs

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/plugins/formats/helm/internal/charts"
)

func inspected(host Host, settings string, brought ...Resolved) (summary string, facts map[string]any, needed []string, err error) {
	found, err := Inspect(host, Artifact{Name: "app", Blob: "chart", Settings: settings}, brought)
	if err != nil {
		return "", nil, nil, err
	}
	for _, dependency := range found.Dependencies {
		kind := map[int]string{Image: "image", File: "file", Index: "index"}[dependency.Kind]
		needed = append(needed, fmt.Sprintf("%s %s (%s)", kind, dependency.Reference, dependency.Place))
	}
	return found.Summary, facts, needed, json.Unmarshal([]byte(found.Facts), &facts)
}

func TestWhatAChartIs(t *testing.T) {
	summary, facts, _, err := inspected(archives{"chart": folder(t, filepath.Join(testdata, "subcharts/chart"))}, "{}")
	if err != nil {
		t.Fatal(err)
	}
	if expected := "chart shop 1.0.0 (app 2.0), 1 template, 5 subcharts"; summary != expected {
		t.Errorf("%s", summary)
	}
	if found := fmt.Sprint(facts["subcharts"]); found != "[packed 0.1.4 store 1.2.0 inner 1.0.0 tagged 1.0.0 untagged 1.0.0]" {
		t.Errorf("%s", found)
	}
}

func TestWhatBecomesOfHooksIsSaid(t *testing.T) {
	job := func(name, annotations string) string {
		return "---\napiVersion: batch/v1\nkind: Job\nmetadata: { name: " + name + ", annotations: { helm.sh/hook: " + annotations + " } }\n"
	}
	host := one(map[string]string{
		"templates/jobs.yaml": job("plain", "pre-install") + job("bye", `"post-delete,post-install"`) +
			job("old", "crd-install") + job("odd", `"PRE-INSTALL, before-lunch"`) + job("before", "test-success") + job("empty", `""`),
		"templates/_not.yaml": job("partial", "none"),
	})
	found, err := Inspect(host, Artifact{Name: "app", Blob: "chart", Settings: "{}"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const file = "(one/templates/jobs.yaml)"
	expected := []string{
		"hook Job.batch/bye " + file + " does not run at post-delete: nothing is uninstalled here; do by hand what it does, " +
			"when you take the service away",
		"Job old " + file + " is a hook at \"crd-install\", which Helm does not know: like Helm, nobody makes it here; " +
			"if it should be made with the others, take the annotation helm.sh/hook away",
		"Job odd " + file + " is a hook at \"before-lunch\", which Helm does not know: like Helm, nobody makes it here; " +
			"if it should be made with the others, take the annotation helm.sh/hook away",
	}
	expected = append(expected, strings.NewReplacer("Job odd", "Job empty", "before-lunch", "").Replace(expected[2]))
	if !slices.Equal(found.Notes, expected) {
		t.Errorf("%s", strings.Join(found.Notes, "\n"))
	}
}

const withImages = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      initContainers: [{ name: i, image: "busybox" }]
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          args: [--sidecar=quay.io/acme/sidecar:1.0, --level=info:1]
          env: [{ name: IMAGE, value: quay.io/acme/job:2 }]
      volumes: [{ name: v, image: { reference: "registry.example:5000/data:3" } }]
---
apiVersion: example.org/v1
kind: Wheel
metadata: { name: front }
spec: { image: quay.io/acme/wheel:1.0, other: { image: round } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: text }
data: { image: quay.io/acme/not-one:1.0 }
`

func TestImagesAreFound(t *testing.T) {
	host := one(map[string]string{
		"templates/web.yaml": withImages,
		"values.yaml": `image: { repository: registry.example/web, tag: "" }
metrics: { image: { registry: quay.io, repository: acme/exporter, tag: 1.5 }, enabled: false }
pinned: { repository: acme/pinned, digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
plain: { image: "ghcr.io/acme/plain:1" }
git: { repository: "https://example.org/x.git", tag: v1 }
`,
	})
	check := func(settings string, expected ...string) {
		t.Helper()
		_, facts, needed, err := inspected(host, settings)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(needed, expected) || facts["unrendered"] != nil {
			t.Errorf("%s: %v\n%s", settings, facts, strings.Join(needed, "\n"))
		}
	}
	const web = "one/templates/web.yaml: Deployment.apps/web /spec/template/spec/"
	rendered := []string{
		"image quay.io/acme/sidecar:1.0 (" + web + "containers/0/args/0)",
		"image quay.io/acme/job:2 (" + web + "containers/0/env/0/value)",
		"image registry.example/web:7 (" + web + "containers/0/image)",
		"image busybox (" + web + "initContainers/0/image)",
		"image registry.example:5000/data:3 (" + web + "volumes/0/image/reference)",
		"image quay.io/acme/wheel:1.0 (one/templates/web.yaml: Wheel.example.org/front /spec/image)",
	}
	values := []string{
		"image quay.io/acme/exporter:1.5 (one/values.yaml: metrics.image)",
		"image acme/pinned@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef (one/values.yaml: pinned)",
		"image ghcr.io/acme/plain:1 (one/values.yaml: plain.image)",
	}
	check("{}", slices.Concat(rendered, values)...)
	check(`{"values-images": false}`, rendered...)
	check(`{"images": "as-written"}`)
	// What an environment decides is not known yet; the rest is.
	check(`{"values": {"image": {"tag": "{{ tag }}", "repository": "acme/web"}}, "values-images": false}`,
		slices.Replace(slices.Clone(rendered), 2, 3, "image acme/web:7 ("+web+"containers/0/image)")...)
	check(`{"values-images": false, "more-images": ["acme/more:1", "docker.io/library/busybox:latest"]}`,
		slices.Concat([]string{
			"image acme/more:1 (deploy.toml: more-images/0)",
			"image docker.io/library/busybox:latest (deploy.toml: more-images/1)",
		}, slices.Delete(slices.Clone(rendered), 3, 4))...)
}

func TestAChartThatNeedsValuesIsLookedAtWithoutThem(t *testing.T) {
	host := one(map[string]string{"templates/a.yaml": `apiVersion: v1
kind: Pod
metadata: { name: {{ required "a name" .Values.name | default "x" }}, labels: { at: "{{ now | date "2006" }}", id: {{ uuidv4 | quote }} } }
spec: { containers: [{ name: a, image: "acme/a:1" }] }
`})
	_, facts, needed, err := inspected(host, "{}")
	if err != nil || facts["unrendered"] != nil || len(needed) != 1 {
		t.Errorf("%v %v %v", err, facts, needed)
	}
	broken := one(map[string]string{
		"templates/a.yaml": "{{ .Values.a.b.c }}",
		"values.yaml":      "image: { repository: acme/a, tag: \"1\" }",
	})
	_, facts, needed, err = inspected(broken, "{}")
	if err != nil || len(needed) != 1 || !strings.Contains(fmt.Sprint(facts["unrendered"]), "nil pointer") {
		t.Errorf("%v %v %v", err, facts, needed)
	}
	never := one(map[string]string{"templates/a.yaml": "{{ nosuchfunction }}"})
	if _, _, _, err = inspected(never, "{}"); err == nil || !strings.HasPrefix(err.Error(), "parse error at (one/templates/a.yaml:1)") {
		t.Errorf("%v", err)
	}
}

func TestSubchartsThatAreNotThere(t *testing.T) {
	const head = "apiVersion: v2\nname: one\nversion: 1.0.0\ndependencies:\n"
	check := func(files map[string]string, expected string) {
		t.Helper()
		_, _, needed, err := inspected(one(files), "{}")
		found := strings.Join(needed, "; ")
		if err != nil {
			found = err.Error()
		}
		if found != expected {
			t.Errorf("%s", found)
		}
	}
	oci := head + "  - { name: db, version: 1.2.3+x, repository: \"oci://registry.example/charts\" }\n"
	check(map[string]string{"Chart.yaml": oci},
		"file oci://registry.example/charts/db:1.2.3_x (Chart.yaml: dependencies/0 (db))")
	ranged := strings.Replace(oci, "1.2.3+x", "^1.2.0", 1)
	check(map[string]string{"Chart.yaml": ranged},
		"subchart db: \"^1.2.0\" is not one version, and there is no Chart.lock that says which one is meant")
	lock := "dependencies:\n  - { name: db, version: 1.4.0, repository: \"oci://registry.example/charts\" }\n"
	check(map[string]string{"Chart.yaml": ranged, "Chart.lock": lock},
		"file oci://registry.example/charts/db:1.4.0 (Chart.yaml: dependencies/0 (db))")
	check(map[string]string{"Chart.yaml": ranged, "Chart.lock": strings.Replace(lock, "1.4.0", "2.0.0", 1)},
		"Chart.lock has db 2.0.0, and Chart.yaml wants ^1.2.0")
	check(map[string]string{"Chart.yaml": strings.Replace(oci, "oci://registry.example", "http://charts.example:8080", 1)},
		"index http://charts.example:8080/charts/index.yaml (Chart.yaml: dependencies/0 (db))")
	for repository, why := range map[string]string{
		"file://../db": "file://../db is a folder beside the chart, which is not a part of the artifact",
		"@team":        "@team is a name that only Helm's own configuration knows",
		"":             "no repository is named for it",
	} {
		check(map[string]string{"Chart.yaml": strings.Replace(oci, "oci://registry.example/charts", repository, 1)},
			"found in Chart.yaml, but missing in charts/ directory: db: "+why)
	}
}

// What a release brings, one after another: the index, what it names, and the images of that.
func TestWhatWasBroughtIsLookedInto(t *testing.T) {
	const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	host := one(map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: one\nversion: 1.0.0\ndependencies:\n" +
			"  - { name: db, alias: store, version: 1.2.3, repository: \"https://charts.example/stable/\" }\n",
	})
	host["index"] = []charts.File{{Content: []byte("entries:\n  db:\n  - version: 1.2.3\n    digest: " + digest + "\n    urls: [db.tgz]\n")}}
	host["db"] = []charts.File{
		{Path: "db/Chart.yaml", Content: []byte("apiVersion: v2\nname: db\nversion: 1.2.3\n")},
		{Path: "db/values.yaml", Content: []byte("image: { repository: acme/db, tag: '1' }\n")},
		{Path: "db/templates/a.yaml", Content: []byte("apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n" +
			"spec: { containers: [{ name: a, image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\" }] }")},
	}
	host["common"] = []charts.File{{Content: []byte("store: { image: { tag: '2' } }\n")}}
	host["prod"] = []charts.File{{Content: []byte("store: { image: { tag: '3' } }\n")}}
	host["test"] = []charts.File{{Content: []byte("store: { image: { repository: acme/small } }\n")}}
	const place = " (Chart.yaml: dependencies/0 (db))"
	index, archive := "https://charts.example/stable/index.yaml", "https://charts.example/stable/db.tgz#sha256:"+digest
	values := `{"values-files": ["common.yaml", "{{ environment }}.yaml"]}`
	var brought []Resolved
	check := func(expected ...string) (facts map[string]any) {
		t.Helper()
		_, facts, needed, err := inspected(host, values, brought...)
		files := []string{"file ./common.yaml (deploy.toml: values-files/0)", "file ./{{ environment }}.yaml (deploy.toml: values-files/1)"}
		expected = append(expected[:min(len(expected), 2):2], append(files, expected[min(len(expected), 2):]...)...)
		if expected = slices.DeleteFunc(expected, func(text string) bool { return text == "" }); err != nil || !slices.Equal(needed, expected) {
			t.Errorf("%v\n%s", err, strings.Join(needed, "\n"))
		}
		return facts
	}
	check("index "+index+place, "")
	brought = append(brought, Resolved{Reference: index, Digest: "index"}, Resolved{Reference: "./common.yaml", Digest: "common"})
	check("index "+index+place, "file "+archive+place)
	brought = append(brought, Resolved{Reference: archive, Digest: "db"},
		Resolved{Reference: "./prod.yaml", Digest: "prod"}, Resolved{Reference: "./test.yaml", Digest: "test"})
	image := func(image string) string {
		return "image " + image + " (one/charts/store/templates/a.yaml: Pod/a /spec/containers/0/image)"
	}
	facts := check("index "+index+place, "file "+archive+place, image("acme/db:2"), image("acme/db:3"), image("acme/small:2"))
	if fetched := fmt.Sprint(facts["fetched"]); fetched != "map[db 1.2.3:"+archive+"]" {
		t.Errorf("%s", fetched)
	}

	// In an environment the index is not at hand, and not needed.
	printed, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	input := RenderInput{Service: "shop", Environment: "prod", Facts: string(printed), Artifact: Artifact{Name: "app", Blob: "chart"}, Resolved: brought[1:]}
	for settings, expected := range map[string]string{
		`{"images": "as-written", "values-files": ["common.yaml", "prod.yaml"]}`:                                               `"image": "acme/db:3"`,
		`{"images": "as-written", "values-files": ["common.yaml", "prod.yaml"], "values": {"store": {"image": {"tag": "4"}}}}`: `"image": "acme/db:4"`,
		`{"images": "as-written", "values-files": ["none.yaml"]}`:                                                              "`values-files`: none.yaml was not brought by the release",
	} {
		input.Settings = settings
		found, err := Render(host, input)
		text := fmt.Sprint(err)
		if err == nil {
			text = string(found.Content)
		}
		if !strings.Contains(text, expected) {
			t.Errorf("%s: %s", settings, text)
		}
	}
	host["prod"] = []charts.File{{Content: []byte("a: [\n")}}
	if _, err := Render(host, input); err == nil {
		t.Error("a file that is none")
	}
}
