// Durations as people write them, checked and handed on as they were written.

package slipway

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Duration is a text such as `250ms`, `2m` or `1h30m`; empty where nothing was said.
type Duration string

// units from the longest, in which order they are written.
var units = []string{"d", "h", "m", "s", "ms"}

// UnmarshalText takes a duration and nothing else.
func (d *Duration) UnmarshalText(text []byte) error {
	if !isDuration(string(text)) {
		return fmt.Errorf("`%s` is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`", text)
	}
	*d = Duration(text)
	return nil
}

func isDuration(text string) bool {
	rest, from := text, 0
	for rest != "" {
		number := strings.TrimLeft(rest, "0123456789")
		after := strings.TrimLeft(number, "abcdefghijklmnopqrstuvwxyz")
		digits, unit := len(rest)-len(number), number[:len(number)-len(after)]
		found := slices.Index(units[from:], unit)
		if digits < 1 || digits > 9 || found < 0 {
			return false
		}
		from += found + 1
		rest = after
	}
	return text != ""
}

// milliseconds as the contract has them; what is longer than it can say is the longest that it can.
func milliseconds(duration time.Duration) uint32 {
	return uint32(min(max(duration.Milliseconds(), 0), 1<<32-1))
}
