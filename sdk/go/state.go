// A small document of this plugin for the place of the call.

package slipway

// ReadState understands what was kept last; false if nothing was. [read]
func ReadState(into any) (bool, error) {
	text, found, err := getState()
	if err != nil || !found {
		return false, err
	}
	if err := decode([]byte(text), into, false); err != nil {
		return false, Failedf("the state is not what was kept: %v", err)
	}
	return true, nil
}

// WriteState keeps a value as JSON, at most 1 MiB. [idempotent]
func WriteState(value any) error {
	text, err := Encode(value)
	if err != nil {
		return Failedf("the state cannot be written as JSON: %v", err)
	}
	return putState(string(text))
}
