// What wit-bindgen's generated Go needs at run time, under the path that it imports it by. The original comes from a
// host of its own that is not always reachable, and these are a hundred lines.
module go.bytecodealliance.org/pkg

go 1.26.0
