package intent

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// What looks half done may be another run's.
func TestAWatchIsQuietWhenNothingHasChangedFor40Seconds(t *testing.T) {
	for _, c := range []struct{ why, was, is string }{
		{"nothing", "b1, g1 cordoned", ""},
		{"a cordon", "b1, g1 cordoned", "b1, g1"},
		{"a state", "b1, g1 cordoned starting", "b1, g1 cordoned critical"},
		{"a check", "b1, g1 cordoned critical", "b1, g1 cordoned"},
		{"a new machine", "b1, g1 cordoned", "b1, g1 cordoned, g2 cordoned"},
		{"one that has gone", "b1, g1 cordoned, g2 cordoned", "b1, g1 cordoned"},
		{"one that cannot be reached", "b1, g1 cordoned", "b1, g1 unreachable"},
		{"of the other app", "b1 | b2", "b1 | b2 cordoned"},
	} {
		var w Watch
		at := func(after time.Duration) time.Time { return fleettest.Epoch.Add(after) }
		see := func(rows string, after time.Duration) {
			var lists []fleet.List
			for app := range strings.SplitSeq(rows, "|") {
				lists = append(lists, fleet.Believe(fleettest.Rows(app), fleet.Believe(fleettest.Rows(strings.ReplaceAll(c.was, "|", ",")), nobody).Find))
			}
			w = w.See(lists, at(after))
		}
		see(c.was, 0)
		see(c.was, 30*time.Second)
		quiet := 40 * time.Second
		if c.is != "" {
			see(c.is, 39*time.Second)
			quiet = 79 * time.Second
		}
		if w.Quiet(at(quiet-1)) || !w.Quiet(at(quiet)) {
			t.Errorf("%s: quiet at %v %v, and then %v", c.why, quiet, w.Quiet(at(quiet-1)), w.Quiet(at(quiet)))
		}
		if w.TooLong(at(200*time.Second-1)) || !w.TooLong(at(200*time.Second)) {
			t.Errorf("%s: too long at 200 s: %v, and then %v", c.why, w.TooLong(at(200*time.Second-1)), w.TooLong(at(200*time.Second)))
		}
	}
	none := Watch{}.See(nil, fleettest.Epoch)
	if none.Quiet(fleettest.Epoch) {
		t.Error("an app without machines is quiet at once")
	}
}
