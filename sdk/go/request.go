// What is asked of an endpoint, as the contract has it.

package slipway

import "time"

// Request is for [Endpoint.Send] and [Endpoint.SendAll].
type Request struct {
	Method string
	// Path begins with one `/` and may carry a query.
	Path    string
	Headers []Header
	// Body is [Bytes], a [Blob], an [Archived], or nil for none.
	Body Content
	// Timeout is in whole milliseconds.
	Timeout time.Duration
	// Quiet 0: the answer is the whole body. Otherwise it is the lines that have come as soon as there are any and nothing
	// more has come for so long; or 256 KiB have; or the body ends; or the time is up. For what goes on being told: a watch.
	Quiet  time.Duration
	Effect Effect
}

// Header of a request or an answer.
type Header struct {
	Name  string
	Value string
}

// Content is what a request carries: [Bytes], [Blob] or [Archived].
type Content interface {
	content()
}

// Bytes are sent as they are, but for `${secret.NAME}` in them, which is replaced on the way out.
type Bytes []byte

// Archived is one regular file of an archive, as [Blob.Entries] names it.
type Archived struct {
	Blob Blob
	Path string
}

func (Bytes) content()    {}
func (Blob) content()     {}
func (Archived) content() {}
