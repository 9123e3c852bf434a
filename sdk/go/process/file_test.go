// A workload is read as it was written, and as other plugins write it.

package process

import (
	"reflect"
	"strings"
	"testing"

	"slipway"
)

const everything = `{
  "kind": "process",
  "artifact": "app",
  "digest": "sha256:2b",
  "strip": 1,
  "instances": 2,
  "command": [
    "${app}/shop"
  ],
  "env": {
    "A": "<&>",
    "PORT": "${port.http}"
  },
  "ports": {
    "admin": {},
    "http": {
      "number": 8080
    }
  },
  "health": {
    "http": "/health",
    "port": "http",
    "interval": "5s",
    "healthy-after": 2,
    "start-period": "1m"
  },
  "data": "exclusive",
  "workdir": "${app}",
  "user": "shop",
  "restart": {
    "policy": "on-failure",
    "max": "1m"
  },
  "stop": {
    "signal": "QUIT",
    "timeout": "10s"
  },
  "log": {
    "max-size": 1024
  }
}`

func TestWhatIsReadIsWrittenTheSame(t *testing.T) {
	process, err := Read("app.json", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	content, err := process.Content()
	if err != nil || string(content) != everything {
		t.Errorf("%s, %v", content, err)
	}
}

func TestTheLeast(t *testing.T) {
	content, err := New("app", "sha256:2b", "shop").Content()
	if err != nil {
		t.Fatal(err)
	}
	process, err := Read("app.json", content)
	expected := New("app", "sha256:2b", "shop")
	expected.Env, expected.Ports = map[string]string{}, map[string]Port{}
	if err != nil || !reflect.DeepEqual(process, expected) {
		t.Errorf("%+v, %v", process, err)
	}
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	for _, c := range []struct {
		from, to string
		kind     slipway.FailureKind
		expected string
	}{
		{`"user"`, `"usr"`, slipway.Invalid, "w.json is not a workload `process`: `usr` is not known"},
		{`"kind": "process"`, `"kind": "objects"`, slipway.Unsupported, "w.json is a workload `objects`, not `process`"},
		{`"QUIT"`, `"quit"`, slipway.Invalid, "`quit` is none of `TERM`, `INT`"},
		{`"exclusive"`, `"all"`, slipway.Invalid, "`all` is none of `shared`, `exclusive`"},
		{`"5s"`, `"5"`, slipway.Invalid, "`5` is not a duration"},
	} {
		_, err := Read("w.json", []byte(strings.Replace(everything, c.from, c.to, 1)))
		failure := slipway.AsFailure(err)
		if failure.Kind != c.kind || !strings.Contains(failure.Message, c.expected) {
			t.Errorf("%+v, not %s", failure, c.expected)
		}
	}
	if process, err := Read("w.json", []byte(strings.Replace(everything, "exclusive", "none", 1))); err != nil || process.Data != "" {
		t.Error(process.Data, err)
	}
}
