// Secrets in objects: tokens that the host must find.

package objects

import (
	"encoding/base64"
	"strings"
)

// token is how a secret stands in what is rendered: the host puts the real one in its place on the way out.
const token = "${secret."

// Reveal moves what holds a secret from `data` of a Secret, where charts have put it in base64, to `stringData`, which
// means the same: nobody could find the token in base64, and what is in it would be the token and not the secret.
func Reveal(object Object) {
	if object.Content["kind"] != "Secret" || object.Content["apiVersion"] != "v1" {
		return
	}
	data, _ := object.Content["data"].(map[string]any)
	for key, value := range data {
		text, _ := value.(string)
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil || !strings.Contains(string(decoded), token) {
			continue
		}
		revealed, is := object.Content["stringData"].(map[string]any)
		if !is {
			revealed = map[string]any{}
			object.Content["stringData"] = revealed
		}
		// What is in both places counts where it already is plain.
		if _, there := revealed[key]; !there {
			revealed[key] = string(decoded)
		}
		delete(data, key)
		if len(data) == 0 {
			delete(object.Content, "data")
		}
	}
}
