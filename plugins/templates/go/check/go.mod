module slipway/plugins/templates/go/check

go 1.26.0

require slipway v0.0.0

// The guest kit. In a project it is the folder `kit`.
replace slipway => ../../../../sdk/go
