// Package runtime gives memory to what crosses the boundary: to the host, for what it hands over, and to generated
// bindings, for what they hand over. The collector does not see references from outside, so everything is pinned
// until it has been taken.
package runtime

import (
	"runtime"
	"unsafe"
)

// word is the largest alignment of the canonical ABI.
const word = 8

// handed is what the host was given memory for and the bindings have not taken yet.
var handed runtime.Pinner

// Allocate gives memory that stays where and what it is until the pinner lets go of it.
func Allocate(pinner *runtime.Pinner, size, align uintptr) unsafe.Pointer {
	if align > word {
		panic("the canonical ABI has no alignment above 8")
	}
	// In words, so that it is aligned; of numbers, so that the collector does not look into it.
	words := make([]uint64, (size+word-1)/word)
	at := unsafe.Pointer(unsafe.SliceData(words))
	pinner.Pin(at)
	return at
}

// Unpin lets go of what the host has handed over: the bindings hold it by references of their own now.
func Unpin() {
	handed.Unpin()
}

// reallocate is how the host asks for memory. What was there before is copied.
//
//go:wasmexport cabi_realloc
func reallocate(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	at := Allocate(&handed, uintptr(size), uintptr(align))
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(at), size), unsafe.Slice((*byte)(old), oldSize))
	}
	return at
}
