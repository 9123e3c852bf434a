// What is asked, and what an answer means.

package slipway

import (
	"reflect"
	"strings"
	"testing"
)

func TestAnAnswerThatIsNoSuccessIsAFailureInItsOwnWords(t *testing.T) {
	for _, c := range []struct {
		status   int
		body     string
		expected Failure
	}{
		{422, `{"error":"port 80 is taken"}`, Failure{Kind: Invalid, Message: "PUT /v1/x was answered 422: port 80 is taken"}},
		{409, `{"message":"another"}`, Failure{Kind: Refused, Message: "PUT /v1/x was answered 409: another"}},
		{503, "busy\r\nsecond line", Failure{Kind: Unavailable, Message: "PUT /v1/x was answered 503: busy"}},
		{501, "{}", Failure{Kind: Unsupported, Message: "PUT /v1/x was answered 501: {}"}},
		{301, "", Failure{Kind: Failed, Message: "PUT /v1/x was answered 301: no explanation"}},
		{500, strings.Repeat("ä", 501), Failure{Kind: Unavailable, Message: "PUT /v1/x was answered 500: " + strings.Repeat("ä", 500)}},
	} {
		err := Response{Status: c.status, Body: []byte(c.body)}.Success("PUT", "/v1/x")
		if found := AsFailure(err); *found != c.expected {
			t.Errorf("%+v, not %+v", *found, c.expected)
		}
	}
}

func TestASuccessIsItself(t *testing.T) {
	response := Response{Status: 201, Headers: []Header{{"Next-Offset", "7"}}, Body: []byte(`{"a":[1],"more":true}`)}
	if err := response.Success("GET", "/"); err != nil {
		t.Error(err)
	}
	if next, ok := response.Header("next-offset"); next != "7" || !ok {
		t.Error(next)
	}
	if _, ok := response.Header("etag"); ok {
		t.Error("there is none")
	}
	var found struct {
		A []int `json:"a"`
	}
	if err := response.JSON(&found); err != nil || !reflect.DeepEqual(found.A, []int{1}) {
		t.Error(found, err)
	}
	err := Response{Body: []byte("{}")}.JSON(&found)
	if failure := AsFailure(err); failure.Kind != Failed || failure.Message != "the answer is not what was expected: `a` is missing" {
		t.Error(err)
	}
}

func TestRequestsSayWhatTheyDoAndCarry(t *testing.T) {
	json := []Header{{"content-type", "application/json"}}
	bytes := []Header{{"content-type", "application/octet-stream"}}
	for _, c := range []struct {
		method   string
		body     Content
		effect   Effect
		expected []Header
	}{
		{"GET", nil, EffectRead, nil},
		{"DELETE", nil, EffectIdempotent, nil},
		{"PUT", Bytes("{}"), EffectIdempotent, json},
		{"PUT", Bytes(""), EffectIdempotent, nil},
		{"PUT", Blob("sha256:1"), EffectIdempotent, bytes},
	} {
		found := request(c.method, "/", c.body, timeout)
		if found.Effect != c.effect || !reflect.DeepEqual(found.Headers, c.expected) {
			t.Errorf("%+v", found)
		}
	}
}

func TestEscaped(t *testing.T) {
	if found := Escape("a b/ä?&=~1"); found != "a%20b%2F%C3%A4%3F%26%3D~1" {
		t.Error(found)
	}
}
