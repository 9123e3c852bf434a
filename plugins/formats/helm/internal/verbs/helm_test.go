// Every chart of testdata, against what the real `helm template` made of it: `helm.yaml` or `helm.error` beside it. With
// HELM naming that program the comparison is made with the program itself, and with BLESS=1 its answers are written.

package verbs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/plugins/formats/helm/internal/failure"
	"slipway/plugins/formats/helm/internal/templates"

	"helm.sh/helm/v4/pkg/release/v1/util"
	"sigs.k8s.io/yaml"
)

func TestChartsAreRenderedAsHelmRendersThem(t *testing.T) {
	if os.Getenv("HELM") == "" {
		t.Log("against the answers that are kept: HELM names no program (`cargo xtask peers` builds one)")
	}
	cases, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range cases {
		t.Run(one.Name(), func(t *testing.T) {
			check(t, filepath.Join(testdata, one.Name()))
		})
	}
}

func check(t *testing.T, path string) {
	settings := "{}"
	if written, err := os.ReadFile(filepath.Join(path, "settings.json")); err == nil {
		settings = string(written)
	}
	expected, refusal := asHelm(t, path, settings)
	asWritten := strings.Replace(settings, "{", `{"images": "as-written",`, 1)
	asWritten = strings.Replace(asWritten, ",}", "}", 1)
	host := archives{"chart": folder(t, filepath.Join(path, "chart"))}
	found, err := rendered(host, asWritten)
	if refusal != "" || err != nil {
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != refusal {
			t.Errorf("refused with\n%s\nand Helm with\n%s", message, refusal)
		}
		return
	}
	shown, err := Show(host, RenderInput{Service: "shop", Artifact: Artifact{Blob: "chart"}, Settings: asWritten})
	if err != nil || strings.TrimSpace(string(shown)) != strings.TrimSpace(expected) {
		t.Errorf("shown (%v):\n%s\nand Helm prints:\n%s", err, shown, expected)
	}
	objects, hooks := taken(t, expected, releaseOf(settings).namespace)
	if ours := inOrder(t, found); !slices.Equal(ours, objects) {
		t.Errorf("objects:\n%s\nand Helm's:\n%s", strings.Join(ours, "\n"), strings.Join(objects, "\n"))
	}
	var ours []string
	for _, hook := range found.Hooks {
		ours = append(ours, canonical(t, hook.Object))
	}
	slices.Sort(ours)
	slices.Sort(hooks)
	if !slices.Equal(ours, hooks) {
		t.Errorf("hooks:\n%s\nand Helm's:\n%s", strings.Join(ours, "\n"), strings.Join(hooks, "\n"))
	}
}

// asHelm gives what Helm prints for a case, or why it refuses.
func asHelm(t *testing.T, path, settings string) (printed, refusal string) {
	t.Helper()
	files := map[string]string{"helm.yaml": "", "helm.error": ""}
	helm := os.Getenv("HELM")
	if helm == "" {
		for name := range files {
			if content, err := os.ReadFile(filepath.Join(path, name)); err == nil {
				files[name] = string(content)
			}
		}
		return files["helm.yaml"], strings.TrimSpace(files["helm.error"])
	}
	files["helm.yaml"], files["helm.error"] = live(t, helm, path, settings)
	if os.Getenv("BLESS") != "" {
		for name, content := range files {
			os.Remove(filepath.Join(path, name))
			if content != "" {
				if err := os.WriteFile(filepath.Join(path, name), []byte(strings.TrimSpace(content)+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return files["helm.yaml"], files["helm.error"]
}

func live(t *testing.T, helm, path, settings string) (printed, refusal string) {
	t.Helper()
	told := releaseOf(settings)
	values := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(values, told.values, 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{
		"template", told.name, filepath.Join(path, "chart"), "--namespace", told.namespace,
		"--values", values, "--kube-version", told.kube,
	}
	if told.crds {
		arguments = append(arguments, "--include-crds")
	}
	for _, version := range told.versions {
		arguments = append(arguments, "--api-versions", version)
	}
	command := exec.Command(helm, arguments...)
	command.Env = []string{"HOME=" + t.TempDir(), "TZ=UTC"}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			t.Fatal(err)
		}
		_, message, _ := strings.Cut(stderr.String(), "Error: ")
		message, _, _ = strings.Cut(message, "\n\nUse --debug flag")
		return "", templates.Sorted(message)
	}
	return stdout.String(), ""
}

// told is what a case's settings mean as arguments.
type told struct {
	name, namespace, kube string
	versions              []string
	values                []byte
	crds                  bool
}

func releaseOf(settings string) told {
	var written struct {
		Release   string          `json:"release"`
		Namespace string          `json:"namespace"`
		Kube      string          `json:"kube-version"`
		Versions  []string        `json:"api-versions"`
		Values    json.RawMessage `json:"values"`
		CRDs      *bool           `json:"crds"`
	}
	if err := json.Unmarshal([]byte(settings), &written); err != nil {
		panic(err)
	}
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	return told{
		name:      or(written.Release, "shop"),
		namespace: or(written.Namespace, "default"),
		kube:      or(written.Kube, "v1.37.0"),
		versions:  written.Versions,
		values:    written.Values,
		crds:      written.CRDs == nil || *written.CRDs,
	}
}

// taken reads a stream of documents into objects and hooks, each in its canonical text.
func taken(t *testing.T, stream, namespace string) (objects, hooks []string) {
	t.Helper()
	documents := util.SplitManifests(stream)
	for at := range len(documents) {
		content, err := yaml.YAMLToJSON([]byte(documents[fmt.Sprintf("manifest-%d", at)]))
		if err != nil {
			t.Fatal(err)
		}
		var head struct {
			Kind     string            `json:"kind"`
			Items    []json.RawMessage `json:"items"`
			Metadata struct {
				Annotations map[string]string `json:"annotations"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(content, &head); err != nil {
			t.Fatal(err)
		}
		switch {
		case string(content) == "null":
		case head.Metadata.Annotations["helm.sh/hook"] != "":
			hooks = append(hooks, canonical(t, content))
		case head.Kind == "ConfigMapList":
			for _, item := range head.Items {
				objects = append(objects, canonical(t, item))
			}
		case head.Kind == "CustomResourceDefinition" && slices.Contains(objects, canonical(t, content)):
			// Printed for each subchart that brings it, and made once.
		default:
			objects = append(objects, canonical(t, content))
		}
	}
	return objects, hooks
}

// canonical is the one text of a document: keys sorted, nothing between them, numbers as they are written.
func canonical(t *testing.T, document []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var content any
	if err := decoder.Decode(&content); err != nil {
		t.Fatal(err)
	}
	printed, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(printed)
}

// inOrder gives the objects in the order of the file.
func inOrder(t *testing.T, found document) []string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(found.text))
	var objects []string
	for {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		if token == "objects" {
			break
		}
	}
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		if _, err := decoder.Token(); err != nil {
			t.Fatal(err)
		}
		var content json.RawMessage
		if err := decoder.Decode(&content); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, canonical(t, content))
	}
	return objects
}

func TestNextSteps(t *testing.T) {
	for settings, hint := range map[string]string{
		`{"kube-version": "v1.19.0"}`: "",
		`{}`:                          "say in `kube-version` which Kubernetes the chart is rendered for, or `capabilities = \"cluster\"`",
	} {
		_, err := rendered(archives{"chart": folder(t, filepath.Join(testdata, "kube-version/chart"))}, settings)
		found := ""
		if failed, is := errors.AsType[*failure.Failure](err); is {
			found = failed.Hint
		}
		if found != hint {
			t.Errorf("%s: %q and not %q", settings, found, hint)
		}
	}
}
