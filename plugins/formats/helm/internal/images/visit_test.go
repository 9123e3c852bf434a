// Which images are found in objects: in pods, in custom resources, in words.

package images

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// visited gives what is found in an object, and the object when each was replaced.
func visited(t *testing.T, text string) (found string, after string) {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	var places []string
	Visit(object, func(image Found) string {
		certain := ""
		if !image.Certain {
			certain = "?"
		}
		places = append(places, image.Pointer+certain)
		return "other"
	})
	printed, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(places, " "), string(printed)
}

func TestImagesOfPods(t *testing.T) {
	const pod = `{ containers: [{ image: a }, { name: none }], initContainers: [{ image: "$(ODD)" }], ephemeralContainers: [{ image: c }],
  volumes: [{ image: { reference: d } }, { emptyDir: {} }] }`
	const inside = "/containers/0/image AT/ephemeralContainers/0/image AT/initContainers/0/image AT/volumes/0/image/reference"
	for at, text := range map[string]string{
		"/spec":                                "kind: Pod\nspec: " + pod,
		"/template/spec":                       "kind: PodTemplate\ntemplate: { spec: " + pod + " }",
		"/spec/template/spec":                  "kind: Deployment\nspec: { template: { spec: " + pod + " } }",
		"/spec/jobTemplate/spec/template/spec": "kind: CronJob\nspec: { jobTemplate: { spec: { template: { spec: " + pod + " } } } }",
		// Custom resources are known by what is in them.
		"/spec/strategy/canary/pod": "kind: Rollout\nspec: { strategy: { canary: { pod: " + pod + " } } }",
	} {
		expected := at + strings.ReplaceAll(inside, "AT", at)
		if found, after := visited(t, text); found != expected || strings.Count(after, `"other"`) != 4 {
			t.Errorf("%s\n%s\n%s", found, expected, after)
		}
	}
}

func TestImagesOfCustomResources(t *testing.T) {
	for text, expected := range map[string]string{
		"kind: Prometheus\nspec: { image: 'quay.io/acme/p:1', version: 1 }":               "/spec/image",
		"kind: Wheel\nspec: { parts: [{ image: 'quay.io/acme/p:1' }, { image: round }] }": "/spec/parts/0/image",
		"kind: Wheel\nspec: { image: round, images: ['quay.io/acme/p:1'] }":               "",
		"kind: CustomResourceDefinition\nspec: { image: 'quay.io/acme/p:1' }":             "",
		"kind: ConfigMap\ndata: { image: 'quay.io/acme/p:1' }":                            "",
		"kind: Secret\nstringData: { image: 'quay.io/acme/p:1' }":                         "",
	} {
		if found, _ := visited(t, text); found != expected {
			t.Errorf("%s: %q", text, found)
		}
	}
}

func TestImagesThatAreMentioned(t *testing.T) {
	found, after := visited(t, `kind: Pod
spec:
  containers:
  - { args: ["--side=quay.io/acme/s:1", "--level=info:1", quay.io/acme/t:2], command: [run, "quay.io/acme/u:3"], env: [{ name: A, value: "quay.io/acme/v:4" }, { name: B }] }
`)
	const at = "/spec/containers/0/"
	expected := at + "args/0? " + at + "args/2? " + at + "command/1? " + at + "env/0/value?"
	if found != expected || !strings.Contains(after, `["--side=other","--level=info:1","other"]`) {
		t.Errorf("%s\n%s", found, after)
	}
}
