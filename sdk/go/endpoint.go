// JSON over HTTP to a granted endpoint: what most targets and routers do all day.

package slipway

import (
	"fmt"
	"strings"
	"time"
)

// timeout of a request that nobody gave one.
const timeout = 30 * time.Second

// Of net/http nothing is used: it is larger than all the rest of a plugin.
const notFound = 404

// Endpoint is one that the operator granted, by its name. The host holds its address, its credential and TLS. An answer that
// is no success becomes a failure of the kind that its status means, in the words of the answer; for anything else there is
// [Endpoint.Send].
type Endpoint string

// Get asks for what a path names. It begins with one `/` and may carry a query. [read]
func (e Endpoint) Get(path string) (Response, error) {
	return e.call("GET", path, nil, timeout)
}

// GetJSON asks for a document. Keys of it that the type does not have are passed over; one that is missing is a failure,
// unless [Decode] would let it be missing. [read]
func (e Endpoint) GetJSON(path string, into any) error {
	response, err := e.Get(path)
	if err != nil {
		return err
	}
	return response.JSON(into)
}

// FindJSON is GetJSON for what may not be there: then it is false. [read]
func (e Endpoint) FindJSON(path string, into any) (bool, error) {
	response, err := e.Send(request("GET", path, nil, timeout))
	if err != nil || response.Status == notFound {
		return false, err
	}
	if err := response.Success("GET", path); err != nil {
		return false, err
	}
	return true, response.JSON(into)
}

// PutJSON makes what a path names so. [idempotent]
func (e Endpoint) PutJSON(path string, body any) (Response, error) {
	text, err := Encode(body)
	if err != nil {
		return Response{}, Failedf("the request cannot be written as JSON: %v", err)
	}
	return e.call("PUT", path, Bytes(text), timeout)
}

// PutBlob sends a blob of the call, however large: it is streamed by the host. [idempotent]
func (e Endpoint) PutBlob(path string, blob Blob, timeout time.Duration) (Response, error) {
	return e.call("PUT", path, blob, timeout)
}

// Delete ends what the path names, which may take until the timeout. [idempotent]
func (e Endpoint) Delete(path string, timeout time.Duration) (Response, error) {
	return e.call("DELETE", path, nil, timeout)
}

// Remove is Delete where nothing there is as good. [idempotent]
func (e Endpoint) Remove(path string, timeout time.Duration) error {
	response, err := e.Send(request("DELETE", path, nil, timeout))
	if err != nil || response.Status == notFound {
		return err
	}
	return response.Success("DELETE", path)
}

// Send asks for anything. An answer of any status is no failure; none is. Redirects are not followed. [as the request says]
func (e Endpoint) Send(request Request) (Response, error) {
	response, err := send(string(e), request)
	if err != nil {
		return Response{}, fmt.Errorf("%s %s: %w", request.Method, request.Path, err)
	}
	return response, nil
}

// SendAll asks for many at the same time, at most 64 under way; the answers are in the order of the requests. One record is
// kept of all, so none may be [EffectOnce]. The first one with a Quiet that is answered ends the others with it: they are
// answered with what has come, or fail as [Unavailable] if none of it has. [idempotent, or read where all of them are]
func (e Endpoint) SendAll(requests []Request) ([]Answer, error) {
	return sendAll(string(e), requests)
}

func (e Endpoint) call(method, path string, body Content, timeout time.Duration) (Response, error) {
	response, err := e.Send(request(method, path, body, timeout))
	if err != nil {
		return Response{}, err
	}
	if err := response.Success(method, path); err != nil {
		return Response{}, err
	}
	return response, nil
}

func request(method, path string, body Content, timeout time.Duration) Request {
	asked := Request{Method: method, Path: path, Body: body, Timeout: timeout, Effect: EffectIdempotent}
	if method == "GET" {
		asked.Effect = EffectRead
	}
	switch body := body.(type) {
	case Blob:
		asked.Headers = []Header{{"content-type", "application/octet-stream"}}
	case Bytes:
		if len(body) > 0 {
			asked.Headers = []Header{{"content-type", "application/json"}}
		}
	}
	return asked
}

// Escape makes one segment of a path or value of a query, with everything escaped that means something there.
func Escape(text string) string {
	var escaped strings.Builder
	for _, c := range []byte(text) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if letter || strings.IndexByte("-._~", c) >= 0 {
			escaped.WriteByte(c)
		} else {
			fmt.Fprintf(&escaped, "%%%02X", c)
		}
	}
	return escaped.String()
}
