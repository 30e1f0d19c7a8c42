package facts

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// A cordon means nothing to a worker: it works as soon as it runs.
func TestAWorkerThatWasSeenStartedMayHaveWorked(t *testing.T) {
	now := time.Now()
	for rows, want := range map[string]bool{
		"g1 worker cordoned":          true,
		"g1 worker starting cordoned": false,
		"g1 starting cordoned":        false,
	} {
		e := Evidence{InTime: true, Last: now}
		e.noteHold(fleet.Believe(fleettest.Rows(rows), nobody)[0], now, now, 10*time.Second)
		if e.MayServe != want || e.InTime == want {
			t.Errorf("%s: it may have served %v, it was held in time %v", rows, e.MayServe, e.InTime)
		}
	}
}

// What a run finds cordoned counts from a time that is never earlier than the cordon, and
// never later than its first sight.
func TestACordonCountsFromWhatTheListTellsAndAtMostFromTheFirstSight(t *testing.T) {
	now := fleettest.Epoch.Add(time.Hour)
	for _, c := range []struct {
		why, rows string
		within    time.Duration
		want      time.Time
	}{
		{"the list tells", "b1 cordoned, g1 of=1", 30 * time.Minute, fleettest.Epoch.Add(30*time.Minute + time.Second)},
		{"the list tells of a time to come", "b1 cordoned, g1 of=1", 2 * time.Hour, now},
		{"the list does not tell", "b1 cordoned, g1 of=1", 0, now},
		{"it is not cordoned", "b1, g1 of=1", 30 * time.Minute, time.Time{}},
	} {
		g := Goal{Apps: []App{{Name: "one", Within: c.within}}}
		f := See(g, Facts{}, []fleet.List{fleet.Believe(fleettest.Rows(c.rows), nobody)}, now, now)
		if got := f.Apps[0].Seen["b1"].Cordoned; !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}

func nobody(string) *fleet.Machine { return nil }

// B1: what a list lacks may be there all the same.
func TestAListThatLacksWhatWasThereIsDoubted(t *testing.T) {
	for _, c := range []struct {
		why, was, is string
		after        time.Duration // of lists like the second
		doubt, gone  bool
	}{
		{"blue", "b1, b2", "b2", 14 * time.Second, true, false},
		{"blue, for long", "b1, b2", "b2", 15 * time.Second, false, true},
		{"all of a region", "b1, b2 lhr", "b2 lhr", 599 * time.Second, true, false},
		{"all of a region, for very long", "b1, b2 lhr", "b2 lhr", 600 * time.Second, false, true},
		{"an empty list is never believed", "b1", "", 24 * time.Hour, true, false},
		{"green, also cordoned", "b1 cordoned, b2, g1 cordoned", "b1 cordoned, b2", 0, true, false},
		{"what drains is not missed", "b1 cordoned, b2", "b2", 0, false, false},
		{"a row says that it is destroyed", "b1, b2", "b1 destroyed, b2", 0, false, true},
		{"a thin row shows that it is there", "b1, b2", "b1 thin, b2", 0, false, false},
	} {
		g := Goal{Apps: []App{{Name: "one", ID: fleettest.Release(2)}}}
		first := fleet.Believe(fleettest.Rows(c.was), nobody)
		f := See(g, Facts{}, []fleet.List{first}, fleettest.Epoch, fleettest.Epoch)
		for _, at := range []time.Duration{0, c.after} {
			now := fleettest.Epoch.Add(time.Second + at)
			f = See(g, f, []fleet.List{fleet.Believe(fleettest.Rows(c.is), first.Find)}, now, now)
		}
		gone := false
		for _, e := range f.Apps[0].Seen {
			gone = gone || e.Gone
		}
		if f.Apps[0].Doubt != c.doubt || gone != c.gone {
			t.Errorf("%s: it is doubted %v, something is gone %v", c.why, f.Apps[0].Doubt, gone)
		}
	}
}

// A list can be late, so what one list says does not count.
func TestAMachineIsReopenedOnlyAfterListsHaveShownItCordonedForLong(t *testing.T) {
	g := Goal{Apps: []App{{Name: "one"}}}
	for _, c := range []struct {
		why   string
		rows  []string
		after time.Duration // between two lists
		want  bool
	}{
		{"for long", []string{"g1 cordoned", "g1 cordoned", "g1"}, 15 * time.Second, true},
		{"not for long", []string{"g1 cordoned", "g1 cordoned", "g1"}, 14 * time.Second, false},
		{"by one list", []string{"g1 cordoned", "g1"}, time.Hour, false},
		{"it never was", []string{"g1", "g1", "g1"}, time.Hour, false},
		{"and it still is", []string{"g1 cordoned", "g1 cordoned", "g1", "g1"}, time.Hour, true},
		{"and is cordoned again", []string{"g1 cordoned", "g1 cordoned", "g1", "g1 cordoned"}, time.Hour, false},
	} {
		f, now := Facts{}, fleettest.Epoch
		for _, rows := range c.rows {
			now = now.Add(c.after)
			f = See(g, f, []fleet.List{fleet.Believe(fleettest.Rows(rows), nobody)}, now, now)
		}
		if got := f.Apps[0].Seen["g1"].Reopened; got != c.want {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}
