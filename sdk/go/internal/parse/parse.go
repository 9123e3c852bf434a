// Package parse makes a plugin's own types of the JSON that verbs are called with, and says which document was wrong.
package parse

import "slipway"

// Document understands one of those that a call brings.
func Document[T any](what, text string) (T, error) {
	value, err := slipway.Decode[T]([]byte(text))
	if err != nil {
		return value, slipway.Invalidf("%s cannot be understood: %v", what, err)
	}
	return value, nil
}

// Settings of the plugin.
func Settings[S any](text string) (S, error) {
	return Document[S]("the settings", text)
}

// At does something at a place whose settings are understood.
func At[S, T any](place slipway.Place[string], do func(slipway.Place[S]) (T, error)) (T, error) {
	settings, err := Settings[S](place.Settings)
	if err != nil {
		var none T
		return none, err
	}
	return do(slipway.Place[S]{Service: place.Service, Environment: place.Environment, Settings: settings})
}

// Do is At for what answers nothing.
func Do[S any](place slipway.Place[string], do func(slipway.Place[S]) error) error {
	_, err := At(place, func(place slipway.Place[S]) (struct{}, error) { return struct{}{}, do(place) })
	return err
}
