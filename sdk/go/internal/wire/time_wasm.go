// Time, as the contract has it.

package wire

import (
	"time"

	wit "slipway/wit/types"
)

// Since is in milliseconds since 1970; none where nobody knows.
func Since(at time.Time) wit.Option[uint64] {
	if at.IsZero() {
		return wit.None[uint64]()
	}
	return wit.Some(uint64(at.UnixMilli()))
}

// Seconds as the contract counts a claim.
func Seconds(seconds uint32) time.Duration {
	return time.Duration(seconds) * time.Second
}

// Milliseconds as the contract counts all else. What no duration can say is the longest one.
func Milliseconds[N uint32 | uint64](ms N) time.Duration {
	return time.Duration(min(uint64(ms), uint64(1<<63-1)/uint64(time.Millisecond))) * time.Millisecond
}
