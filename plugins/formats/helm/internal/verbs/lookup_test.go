// What a chart looks up, and what it is told.

package verbs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"slipway/plugins/formats/helm/internal/failure"
)

// cluster is a host with objects, which counts how often it is asked for each.
type cluster struct {
	archives
	objects map[Wanted]string
	asked   map[Wanted]int
}

func (c cluster) LookUp(wanted Wanted) (string, error) {
	c.asked[wanted]++
	if wanted.Kind == "Node" {
		return "", &failure.Failure{Kind: failure.Refused, Message: "the operator lets nobody look up that kind", Hint: "ask"}
	}
	return c.objects[wanted], nil
}

const looking = `{{- $found := lookup "v1" "ConfigMap" .Release.Namespace .Values.name }}
{{- $_ := set $found "kind" "changed" }}
apiVersion: v1
kind: ConfigMap
metadata: { name: asks }
data:
  kept: {{ dig "data" "colour" "none" $found | quote }}
  kind: {{ (lookup "v1" "ConfigMap" .Release.Namespace .Values.name).kind | default "none" | quote }}
  whole: {{ printf "%T %T" $found.whole $found.broken | quote }}
  all: {{ (lookup "v1" "ConfigMap" .Release.Namespace "").items | default list | len | quote }}
  secret: {{ lookup "v1" "Secret" "" "kept" | len | quote }}
  pods: {{ (lookup "v1" "Pod" "" "").items | default list | len | quote }}
`

func asking() cluster {
	named := Wanted{"v1", "ConfigMap", "default", "one"}
	all := Wanted{"v1", "ConfigMap", "default", ""}
	return cluster{
		archives: withTemplate(looking),
		objects: map[Wanted]string{
			named: `{"kind": "ConfigMap", "data": {"colour": "red"}, "whole": 3, "broken": 1.5}`,
			all:   `{"items": [{}, {}]}`,
		},
		asked: map[Wanted]int{},
	}
}

func withTemplate(template string) archives {
	return one(map[string]string{"templates/a.yaml": template, "values.yaml": "name: none\n"})
}

func TestWhatIsGrantedIsLookedUp(t *testing.T) {
	host := asking()
	found, err := rendered(host, `{"images": "as-written", "lookup": ["ConfigMap"], "values": {"name": "one"}}`)
	if err != nil {
		t.Fatal(err)
	}
	data := `"data":{"all":"2","kept":"red","kind":"ConfigMap","pods":"0","secret":"0","whole":"int64 float64"}`
	if text := canonical(t, found.Objects["ConfigMap/asks"]); !strings.Contains(text, data) {
		t.Errorf("%s", text)
	}
	// Each thing once, and nothing for the renderings that explain what a value does.
	asked := slices.Sorted(maps.Values(host.asked))
	if !slices.Equal(asked, []int{1, 1}) {
		t.Errorf("%v", host.asked)
	}
	explained := fmt.Sprint(found.origins)
	if !strings.Contains(explained, "/objects/ConfigMap~1asks/data/kept /values/name") {
		t.Errorf("%s", explained)
	}
	notes := []string{
		"Secret (v1) kept is not looked up, and the chart is told that there is none, as by `helm template`: a Secret never is; " +
			"hand over what the chart would take from it by `values`, as a parameter of type `secret`",
		"every Pod (v1) is not looked up, and the chart is told that there is none, as by `helm template`: " +
			"`lookup = [\"Pod\"]` asks the cluster, if its operator lets it",
	}
	if !slices.Equal(found.notes, notes) {
		t.Errorf("%s", strings.Join(found.notes, "\n"))
	}
}

func TestWhatIsNotGrantedIsNotLookedUp(t *testing.T) {
	host := asking()
	found, err := rendered(host, `{"images": "as-written", "values": {"name": "one"}}`)
	if err != nil {
		t.Fatal(err)
	}
	data := `"data":{"all":"0","kept":"none","kind":"none","pods":"0","secret":"0","whole":"\u003cnil\u003e \u003cnil\u003e"}`
	if text := canonical(t, found.Objects["ConfigMap/asks"]); !strings.Contains(text, data) {
		t.Errorf("%s", text)
	}
	if len(host.asked) != 0 || len(found.notes) != 4 {
		t.Errorf("%v\n%s", host.asked, strings.Join(found.notes, "\n"))
	}
	for settings, said := range map[string]string{
		`{"lookup": ["Secret"]}`: "`lookup` lists Secret, which is never looked up",
		`{"lookup": ["secret"]}`: "`lookup` lists secret, which is never looked up",
	} {
		_, _, _, err := inspected(host, settings)
		failed, is := errors.AsType[*failure.Failure](err)
		if !is || !strings.Contains(failed.Message, said) || !strings.Contains(failed.Hint, "a parameter of type `secret`") {
			t.Errorf("%s: %v", settings, err)
		}
	}
}

func TestARefusalIsTold(t *testing.T) {
	host := asking()
	host.archives = withTemplate(`{{ lookup "v1" "Node" "" "" }}`)
	_, err := rendered(host, `{"lookup": ["Node"]}`)
	failed, is := errors.AsType[*failure.Failure](err)
	if !is || !strings.Contains(failed.Message, "the operator lets nobody look up that kind") || failed.Hint != "ask" {
		t.Errorf("%#v", err)
	}
}
