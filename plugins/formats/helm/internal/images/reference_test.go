// References that mean the same, and what is none.

package images

import (
	"strings"
	"testing"
)

func TestReferencesThatMeanTheSameAreTheSame(t *testing.T) {
	hash := "sha256:" + strings.Repeat("0f", 32)
	for reference, expected := range map[string]string{
		"nginx":                           "docker.io/library/nginx:latest",
		"nginx:1.25":                      "docker.io/library/nginx:1.25",
		"docker.io/nginx:1.25":            "docker.io/library/nginx:1.25",
		"index.docker.io/library/nginx":   "docker.io/library/nginx:latest",
		"acme/web":                        "docker.io/acme/web:latest",
		"localhost/web:1":                 "localhost/web:1",
		"reg.example:5000/a/b/c:1.2_x-3":  "reg.example:5000/a/b/c:1.2_x-3",
		"reg.example/web:1@" + hash:       "reg.example/web@" + hash,
		"web@" + hash:                     "docker.io/library/web@" + hash,
		"":                                "",
		"Upper/web":                       "",
		"web:":                            "",
		"web:-1":                          "",
		"web:1:2":                         "",
		"web@sha256:short":                "",
		"https://example.org/x.git":       "",
		"{{ .Values.image }}":             "",
		"a b":                             "",
		"-bad.example/web":                "",
		"web:" + strings.Repeat("1", 129): "",
	} {
		found, sound := Canonical(reference)
		if found != expected || sound != (expected != "") {
			t.Errorf("%q is %q", reference, found)
		}
	}
}
