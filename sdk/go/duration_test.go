// Only numbers with falling units.

package slipway

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for _, good := range []string{"250ms", "0s", "2m", "1h30m", "1d2h3m4s5ms"} {
		var found Duration
		if err := found.UnmarshalText([]byte(good)); err != nil || string(found) != good {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "5", "s", "1m1h", "1s1s", "1.5s", "-1s", "1 s", "1w", "1234567890s", "ä"} {
		var found Duration
		if err := found.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	for given, expected := range map[time.Duration]uint32{
		-time.Second: 0, 1500 * time.Millisecond: 1500, 1 << 62: 1<<32 - 1,
	} {
		if found := milliseconds(given); found != expected {
			t.Errorf("%v: %d", given, found)
		}
	}
}
