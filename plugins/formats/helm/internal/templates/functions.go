// The functions that are replaced, as a whole.

package templates

import (
	"maps"
	"text/template"
	"time"
)

// Functions replaces those of Helm's functions whose answers are not the same for the same input. Each answers from
// what was decided in deploy.toml, or refuses by its name: a deployment that is rendered again must be the same bytes,
// and a value that changes by itself would be a change that nobody made.
func Functions(now *time.Time, dice *Dice) template.FuncMap {
	functions := template.FuncMap{}
	maps.Copy(functions, clock(now))
	maps.Copy(functions, random(dice))
	maps.Copy(functions, keys())
	maps.Copy(functions, ordered())
	maps.Copy(functions, bounded())
	return functions
}

// Placeholders are the same functions where nothing of what they answer is kept: they refuse nothing.
func Placeholders() template.FuncMap {
	start := time.Unix(0, 0).UTC()
	functions := Functions(&start, NewDice("placeholder"))
	for name := range keys() {
		functions[name] = func(...any) map[string]any { return map[string]any{"Cert": "", "Key": ""} }
	}
	for _, name := range []string{"genPrivateKey", "bcrypt", "htpasswd", "encryptAES"} {
		functions[name] = func(...any) string { return "" }
	}
	return functions
}

// keys has what makes keys and salts. They cannot be made of anything that others may know, and must not be made anew
// each time: they are always refused.
func keys() template.FuncMap {
	refused := template.FuncMap{}
	for _, name := range []string{
		"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert",
		"genSignedCertWithKey", "bcrypt", "htpasswd", "encryptAES",
	} {
		refused[name] = func(...any) (string, error) { return "", refuse(name, askKey) }
	}
	return refused
}
