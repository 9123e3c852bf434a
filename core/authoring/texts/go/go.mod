module example.com/{name}

go 1.26.0

require slipway v0.0.0

// The guest kit, as the slipway that made this project has it.
replace slipway => ./kit
