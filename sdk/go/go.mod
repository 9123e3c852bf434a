// The kit that a Slipway plugin in Go is written with. It needs nothing but Go.
module slipway

go 1.26.0
