// What the platform speaks, without a platform.

package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"slipway"
	"slipway/process"
	"slipway/target"
)

func TestWhatThePlatformAnswersIsUnderstood(t *testing.T) {
	answer := slipway.Response{Body: []byte(`{"instances": [{
		"name": "shop-prod-1a2b3c4d-1", "revision": "sha256:1a2b3c4d", "state": "unhealthy",
		"ports": {"http": "10.0.0.7:8080", "admin": "10.0.0.7:8081"}, "restarts": 2, "detail": "GET /health: 503"
	}]}`)}
	var list list
	if err := answer.JSON(&list); err != nil {
		t.Fatal(err)
	}
	expected := target.Instance{
		Name: "shop-prod-1a2b3c4d-1", Revision: "sha256:1a2b3c4d", State: target.Unhealthy,
		Ports:    []target.Port{{Name: "admin", Address: "10.0.0.7:8081"}, {Name: "http", Address: "10.0.0.7:8080"}},
		Restarts: 2, Detail: "GET /health: 503",
	}
	if found := list.Instances[0].told(); !reflect.DeepEqual(found, expected) {
		t.Errorf("%+v", found)
	}
	answer.Body = []byte(strings.Replace(string(answer.Body), "unhealthy", "asleep", 1))
	if err := answer.JSON(&list); err == nil || !strings.Contains(err.Error(), "`asleep` is no state") {
		t.Error(err)
	}
}

// workload as a format writes it.
const workload = `{
	"kind": "process", "artifact": "app", "digest": "sha256:2b", "strip": 1, "instances": 1,
	"command": ["${app}/shop"], "env": {"PORT": "${port.http}"}, "ports": {"http": {}, "admin": {}}
}`

func wantedFor(t *testing.T, workload string) (wanted, error) {
	t.Helper()
	runs, err := process.Read("app.json", []byte(workload))
	if err != nil {
		t.Fatal(err)
	}
	place := place{Service: "shop", Environment: "prod", Settings: settings{API: "acme", Region: "north"}}
	instance := target.Spec{
		Name: "shop-prod-1", Revision: "sha256:1a", Artifact: "app", Blob: "sha256:2b", Workload: "app.json",
	}
	return wantedOf(place, instance, runs, map[string]string{"site.toml": "a = 1"})
}

func TestWhatIsAskedForIsAllThatTheWorkloadSays(t *testing.T) {
	wanted, err := wantedFor(t, workload)
	if err != nil {
		t.Fatal(err)
	}
	body, err := slipway.Encode(wanted)
	if err != nil {
		t.Fatal(err)
	}
	const expected = `{
		"service": "shop", "environment": "prod", "region": "north", "revision": "sha256:1a",
		"artifact": "sha256:2b", "strip": 1, "command": ["${app}/shop"], "env": {"PORT": "${port.http}"},
		"ports": ["admin", "http"], "config": {"site.toml": "a = 1"}, "health": null
	}`
	if !sameJSON(t, string(body), expected) {
		t.Errorf("%s", body)
	}
	_, err = wantedFor(t, strings.Replace(workload, `"strip"`, `"user": "nobody", "strip"`, 1))
	if err == nil || err.Error() != "this platform knows no `user`" {
		t.Error(err)
	}
}

// The platform takes empty lists and objects, and no null.
func TestWhatIsNotSaidIsEmpty(t *testing.T) {
	wanted, err := wantedFor(t, `{
		"kind": "process", "artifact": "app", "digest": "sha256:2b", "strip": 0, "instances": 1, "command": ["shop"]
	}`)
	if err != nil || wanted.Env == nil || wanted.Ports == nil {
		t.Errorf("%+v, %v", wanted, err)
	}
}

func sameJSON(t *testing.T, one, other string) bool {
	t.Helper()
	var values [2]any
	for index, text := range []string{one, other} {
		if err := json.Unmarshal([]byte(text), &values[index]); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}
