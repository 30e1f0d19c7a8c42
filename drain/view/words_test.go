package view

import (
	"testing"
	"time"
)

func TestDurationsAreRoundedToWhatAPersonReads(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 40*time.Millisecond + 123*time.Microsecond: "40ms", 3449 * time.Millisecond: "3.4s", 9 * time.Second: "9s",
		59700 * time.Millisecond: "1m", 34300 * time.Millisecond: "34s", 2*time.Minute + 5*time.Second: "2m5s", 10 * time.Minute: "10m",
		time.Hour: "1h", 3*time.Hour + 5*time.Minute + 29*time.Second: "3h5m", 20 * time.Hour: "20h", 26*time.Hour + 30*time.Minute: "26h30m",
	} {
		if got := short(d); got != want {
			t.Errorf("short(%v) = %s, want %s", d, got, want)
		}
	}
}
