// What an endpoint answers, and what that means.

package slipway

import (
	"encoding/json"
	"fmt"
	"strings"
)

// wordy is how much of an answer's words is told, in characters.
const wordy = 500

// Response is an answer, of whatever status.
type Response struct {
	Status  int
	Headers []Header
	Body    []byte
}

// Answer is one of [Endpoint.SendAll]: a response, or why there is none.
type Answer struct {
	Response Response
	Err      error
}

// JSON understands the body. Keys that the type does not have are passed over.
func (r Response) JSON(into any) error {
	if err := decode(r.Body, into, false); err != nil {
		return Failedf("the answer is not what was expected: %v", err)
	}
	return nil
}

// Header is the first of a name, however it is written; false if there is none.
func (r Response) Header(name string) (string, bool) {
	for _, header := range r.Headers {
		if strings.EqualFold(header.Name, name) {
			return header.Value, true
		}
	}
	return "", false
}

// Success is nil if the status says so. What was asked is told by method and path.
func (r Response) Success(method, path string) error {
	if 200 <= r.Status && r.Status < 300 {
		return nil
	}
	message := fmt.Sprintf("%s %s was answered %d: %s", method, path, r.Status, words(r.Body))
	return &Failure{Kind: kindOf(r.Status), Message: message}
}

func kindOf(status int) FailureKind {
	switch {
	case status == 400 || status == 422:
		return Invalid
	case status == 401 || status == 403 || status == 409 || status == 412:
		return Refused
	case status == 405 || status == 501:
		return Unsupported
	case status == 408 || status == 429 || status >= 500 && status < 600:
		return Unavailable
	default:
		return Failed
	}
}

// words are what an error's body says to a person: the usual fields of JSON, otherwise its first line.
func words(body []byte) string {
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	var fields map[string]any
	if json.Unmarshal(body, &fields) == nil {
		for _, name := range []string{"error", "message"} {
			if said, ok := fields[name].(string); ok {
				text = said
				break
			}
		}
	}
	line, _, _ := strings.Cut(text, "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "no explanation"
	}
	if characters := []rune(line); len(characters) > wordy {
		return string(characters[:wordy])
	}
	return line
}
