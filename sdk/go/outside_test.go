//go:build !wasm

// A plugin's tests find out what they cannot test.

package slipway

import "testing"

func TestNothingIsReachedOutsideWasm(t *testing.T) {
	defer func() {
		if said := recover(); said != outside {
			t.Error(said)
		}
	}()
	_, err := Endpoint("api").Get("/")
	t.Error("it was answered", err)
}
