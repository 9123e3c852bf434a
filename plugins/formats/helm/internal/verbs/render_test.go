// What becomes of a chart beyond what Helm makes of it.

package verbs

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/failure"
)

func brought(reference string) Resolved {
	return Resolved{Reference: reference, Digest: "sha256:00", Pull: "reg.example/" + strings.NewReplacer(":", "-", "/", "-").Replace(reference) + "@sha256:00"}
}

func refused(t *testing.T, host Host, settings string, message, hint string) {
	t.Helper()
	_, err := rendered(host, settings)
	failed, is := errors.AsType[*failure.Failure](err)
	if !is || failed.Message != message || failed.Hint != hint {
		t.Errorf("%#v", err)
	}
}

func TestImagesAreWrittenAsTheyWereBrought(t *testing.T) {
	host := one(map[string]string{"templates/web.yaml": withImages, "values.yaml": "image: { repository: registry.example/web, tag: \"1\" }"})
	all := []Resolved{
		brought("registry.example/web:1"), brought("docker.io/library/busybox:latest"), brought("quay.io/acme/wheel:1.0"),
		brought("registry.example:5000/data:3"), brought("quay.io/acme/sidecar:1.0"),
	}
	found, err := rendered(host, "{}", all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{
		`"image": "reg.example/registry.example-web-1@sha256:00"`,
		`"image": "reg.example/docker.io-library-busybox-latest@sha256:00"`,
		`"reference": "reg.example/registry.example-5000-data-3@sha256:00"`,
		`"--sidecar=reg.example/quay.io-acme-sidecar-1.0@sha256:00"`,
		`"value": "quay.io/acme/job:2"`,
		`"image": "quay.io/acme/not-one:1.0"`,
	} {
		if !strings.Contains(found.text, expected) {
			t.Errorf("no %s in %s", expected, found.text)
		}
	}
	if found := fmt.Sprint(found.Images[2]); found != "{busybox reg.example/docker.io-library-busybox-latest@sha256:00 [Deployment.apps/web/spec/template/spec/initContainers/0/image]}" {
		t.Error(found)
	}
	_, err = rendered(host, "{}", all[1:4]...)
	expected := "one/templates/web.yaml: Deployment.apps/web/spec/template/spec/containers/0/image: the image registry.example/web:1 was not found by the release, so nobody brought it"
	if err == nil || err.Error() != expected {
		t.Errorf("%v", err)
	}
	if _, err := rendered(host, `{"images": "as-written"}`); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNotReproducible(t *testing.T) {
	check := func(template, settings, message string) {
		t.Helper()
		host := one(map[string]string{"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { x: {{ " + template + " | toString | quote }} }"})
		found, err := rendered(host, settings)
		if err == nil {
			var object struct {
				Data struct {
					X string `json:"x"`
				} `json:"data"`
			}
			if err := json.Unmarshal(found.Objects["ConfigMap/a"], &object); err != nil {
				t.Fatal(err)
			}
			if object.Data.X != message {
				t.Errorf("%s is %q", template, object.Data.X)
			}
			return
		}
		if !strings.HasSuffix(err.Error(), message) {
			t.Errorf("%s: %v", template, err)
		}
	}
	for template, why := range map[string]string{
		"now":                                "now is not reproducible: it asks what time it is",
		`date "2006" "x"`:                    "date is not reproducible: it asks what time it is",
		`ago (toDate "2006" "2020")`:         "ago is not reproducible: it asks what time it is",
		"randAlphaNum 8":                     "randAlphaNum is not reproducible: it throws dice",
		"uuidv4":                             "uuidv4 is not reproducible: it throws dice",
		`shuffle "abc"`:                      "shuffle is not reproducible: it throws dice",
		`genCA "a" 1`:                        "genCA is not reproducible: it makes another key or salt each time",
		`htpasswd "a" "b"`:                   "htpasswd is not reproducible: it makes another key or salt each time",
		`tpl "{{ randInt 0 5 }}" .`:          "randInt is not reproducible: it throws dice",
		`genSelfSignedCert "a" nil nil 365`:  "genSelfSignedCert is not reproducible: it makes another key or salt each time",
		`encryptAES "secretkey" "plaintext"`: "encryptAES is not reproducible: it makes another key or salt each time",
	} {
		check(template, "{}", why)
		if strings.Contains(why, "another key") {
			check(template, `{"seed": "s", "now": "2026-01-31T12:00:00Z"}`, why)
		}
	}
	const decided = `{"seed": "s", "now": "2026-01-31T12:00:00Z"}`
	check(`now | date "2006-01-02 15:04"`, decided, "2026-01-31 12:00")
	check(`ago (toDate "2006-01-02" "2026-01-30")`, decided, "36h0m0s")
	check("htmlDate nil", decided, "2026-01-31")
	check("randAlphaNum 8", decided, "iPf8d2rN")
	check("uuidv4", decided, "447749bc-eb0e-4792-9f88-38fe526a74eb")
	check("randInt 5 6", decided, "5")
	check(`shuffle "abcdef"`, decided, "ebfdac")
	check("randBytes 3", decided, "RHdJ")
	check(`keys (dict "b" 1 "a" 2 "c" 3) | join ""`, "{}", "abc")
	check(`values (dict "b" 1 "a" 2 "c" 3) | join ""`, "{}", "213")
}

func TestTooMuchIsRefusedWhereItIsAskedFor(t *testing.T) {
	for template, why := range map[string]string{
		"until 1000000000":              "until: 1000000000 is more than the limit of 100000",
		"untilStep 0 1000000000 2":      "untilStep: 500000000 is more than the limit of 100000",
		"seq 0 1000000000":              "seq: 1000000000 is more than the limit of 100000",
		`repeat 1000000000 "x"`:         "repeat: 1000000000 is more than the limit of 4194304",
		`repeat -1 "x"`:                 "repeat: negative count -1",
		`indent 1000000000 "x"`:         "indent: 1000000000 is more than the limit of 4194304",
		`nindent -1 "x"`:                "nindent: negative count -1",
		`until 99999 | len | repeat 99`: `expected integer; got`,
	} {
		_, err := rendered(one(map[string]string{"templates/a.yaml": "\n{{ " + template + " }}"}), "{}")
		if err == nil || !strings.Contains(err.Error(), why) && !strings.Contains(err.Error(), "wrong type") {
			t.Errorf("%s: %v", template, err)
		}
		if err != nil && !strings.Contains(err.Error(), "one/templates/a.yaml:2:") {
			t.Errorf("%s says no place: %v", template, err)
		}
	}
}

func TestSecretsStayTokens(t *testing.T) {
	host := one(map[string]string{"templates/a.yaml": `apiVersion: v1
kind: Secret
metadata: { name: s }
data: { password: {{ .Values.password | b64enc }}, plain: {{ "x" | b64enc }}, odd: "not base64" }
`})
	found, err := rendered(host, `{"values": {"password": "${secret.db-password}"}}`)
	if err != nil {
		t.Fatal(err)
	}
	secret := canonical(t, found.Objects["Secret/s"])
	if expected := `{"apiVersion":"v1","data":{"odd":"not base64","plain":"eA=="},"kind":"Secret","metadata":{"name":"s"},"stringData":{"password":"${secret.db-password}"}}`; secret != expected {
		t.Error(secret)
	}
}

func TestEveryValueIsExplained(t *testing.T) {
	host := archives{"chart": folder(t, filepath.Join(testdata, "values/chart"))}
	found, err := rendered(host, `{"images": "as-written", "values": {"replicas": 3, "image": {"tag": "9"}, "added": {"deep": 1}, "labels": {"team": "a"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]string{}
	for _, origin := range found.origins {
		explained[origin.Pointer] = origin.Setting
	}
	for pointer, setting := range map[string]string{
		"/objects/Deployment.apps~1shop-web/spec/replicas":                            "/values/replicas",
		"/objects/Deployment.apps~1shop-web/metadata/labels/team":                     "/values/labels/team",
		"/objects/Deployment.apps~1shop-web/spec/template/spec/containers/0/image":    "/values/image/tag",
		"/objects/ConfigMap~1shop/data/added":                                         "/values/added/deep",
		"/objects/Deployment.apps~1shop-web/spec/template/spec/containers/0/name":     "",
		"/objects/Deployment.apps~1shop-web/spec/template/spec/containers/0/no-where": "",
	} {
		if explained[pointer] != setting {
			t.Errorf("%s comes from %q and not from %q", pointer, explained[pointer], setting)
		}
	}
}

func TestWaysIn(t *testing.T) {
	found, err := rendered(archives{"chart": folder(t, filepath.Join(testdata, "values/chart"))},
		`{"images": "as-written", "namespace": "front", "values": {"added": {"deep": 1}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found.ports, []string{"web", "web:metrics"}) {
		t.Errorf("%v", found.ports)
	}
	if _, there := found.Objects["Deployment.apps/shop-web"]; !there || found.Kind != "kubernetes" || found.Artifact != "app" || found.Digest != "chart" {
		t.Errorf("%s", found.text)
	}
}

func TestHooksAreInTheOrderInWhichTheyRun(t *testing.T) {
	host := archives{"chart": folder(t, filepath.Join(testdata, "hooks/chart"))}
	check := func(settings string, expected ...string) {
		t.Helper()
		found, err := rendered(host, settings)
		if err != nil {
			t.Fatal(err)
		}
		var hooks []string
		for _, hook := range found.Hooks {
			var object struct {
				Metadata struct {
					Name         string `json:"name"`
					GenerateName string `json:"generateName"`
				} `json:"metadata"`
			}
			if err := json.Unmarshal(hook.Object, &object); err != nil {
				t.Fatal(err)
			}
			hooks = append(hooks, fmt.Sprintf("%s%s %d %v %v", object.Metadata.Name, object.Metadata.GenerateName, hook.Weight, hook.When, hook.Delete))
		}
		if !slices.Equal(hooks, expected) {
			t.Errorf("%s", strings.Join(hooks, "\n"))
		}
	}
	const usual = "[before-hook-creation]"
	hooks := []string{
		"early -5 [pre-install] [before-hook-creation hook-failed]",
		"test- 0 [test] " + usual,
		"bad-weight 0 [pre-rollback post-rollback] " + usual,
		"same-a 0 [post-install] " + usual,
		"same-b 0 [post-install] " + usual,
		"bye 1 [post-delete] [hook-succeeded]",
		"for-the-hook 5 [pre-install] " + usual,
		"late 5 [pre-install pre-upgrade] [hook-succeeded]",
	}
	check(`{"images": "as-written"}`, hooks...)
	check(`{"images": "as-written", "tests": false}`, slices.Delete(slices.Clone(hooks), 1, 2)...)
}

func TestASubchartIsTakenFromWhatWasBrought(t *testing.T) {
	host := one(map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: one\nversion: 1.0.0\ndependencies:\n  - { name: db, alias: store, version: 1.2.3, repository: \"oci://registry.example/charts\" }\n",
	})
	host["db"] = []charts.File{
		{Path: "db/Chart.yaml", Content: []byte("apiVersion: v2\nname: db\nversion: 1.2.3\n")},
		{Path: "db/templates/a.yaml", Content: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Values.name }} }")},
	}
	refused(t, host, "{}", "subchart db: oci://registry.example/charts/db:1.2.3 was not brought by the release",
		"release again; `slipway render` fetches nothing: `helm dependency build` puts it into charts/")
	found, err := rendered(host, `{"values": {"store": {"name": "d"}}}`, Resolved{Reference: "oci://registry.example/charts/db:1.2.3", Digest: "db"})
	if err != nil || len(found.Objects) != 1 {
		t.Errorf("%v %v", err, found.Objects)
	}
}

func TestWhatCannotBeDeployed(t *testing.T) {
	object := func(text string) Host { return one(map[string]string{"templates/a.yaml": text}) }
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: "
	refused(t, one(map[string]string{"Chart.yaml": "apiVersion: v2\nname: one\nversion: 1.0.0\ntype: library\n"}), "{}",
		"library charts are not installable", "a library chart is named by the charts that use it, under `dependencies` of their Chart.yaml")
	refused(t, one(map[string]string{"Chart.yaml": "apiVersion: v3\nname: one\nversion: 1.0.0\n"}), "{}",
		"invalid chart apiVersion", "Chart.yaml says apiVersion \"v3\", and this Helm reads v1 and v2")
	refused(t, archives{"chart": {{Path: "a/b.yaml"}}}, "{}",
		"Chart.yaml file is missing", "a chart is an archive made by `helm package`, or the folder that holds Chart.yaml")
	refused(t, object(head+"{ name: a }\n---\n"+head+"{ name: a }"), "{}",
		"one/templates/a.yaml: ConfigMap/a is there twice, also in one/templates/a.yaml", "")
	refused(t, object(head+"{ generateName: a- }"), "{}",
		"one/templates/a.yaml: ConfigMap/a- has a generateName, and an object that stays needs a name", "")
	refused(t, object("kind: X\nmetadata: { name: a }"), "{}", "one/templates/a.yaml: an object has no apiVersion or no kind", "")
	refused(t, object("- a list"), "{}",
		"YAML parse error on one/templates/a.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type util.SimpleHead", "")
	refused(t, object("{{ now }}"), "{}",
		"template: one/templates/a.yaml:1:3: executing \"one/templates/a.yaml\" at <now>: error calling now: now is not reproducible: it asks what time it is",
		"say in `now` which time is meant (`now = \"2026-01-31T12:00:00Z\"`), or set a value that keeps the chart from asking")
	refused(t, object(""), `{"release": "Not A Name"}`,
		"`release` \"Not A Name\": invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53", "")
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	host := archives{"chart": folder(t, filepath.Join(testdata, "subcharts/chart"))}
	first, err := rendered(host, `{"values": {"store": {"enabled": true}}}`)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := rendered(host, `{"values": {"store": {"enabled": true}}}`)
		if err != nil || again.text != first.text || !slices.Equal(again.origins, first.origins) {
			t.Fatalf("%v\n%s\n%s", err, first.text, again.text)
		}
	}
}
