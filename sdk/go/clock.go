// Time, recorded: a call that is run again sees the same. The clock of package time stands still in a plugin.

package slipway

import "time"

// Now is to the millisecond, in UTC. [read]
func Now() time.Time {
	return time.UnixMilli(int64(now())).UTC()
}

// Sleep waits, in whole milliseconds. [read]
func Sleep(duration time.Duration) {
	sleep(uint64(max(duration.Milliseconds(), 0)))
}
