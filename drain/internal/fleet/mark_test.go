package fleet

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestParseMarkReadsOursAndNothingElse(t *testing.T) {
	const good = "20261126T120000Z-000abcd"
	for text, want := range map[string]bool{
		good + "/1/2":                            true,
		good + "/12/0":                           true,
		good + "/1/999999":                       true,
		"20000101T000000Z-bbbb/1/1":              true, // four random characters at least
		"20261126T120000Z-0123456789abcdef/1/1":  true, // and sixteen at most
		"20261126T120000Z-0123456789abcdef0/1/1": false,
		"20261126T120000Z-bbb/1/1":               false,
		"20261126T120000Z-000abcg/1/1":           false,
		"20261126T120000Z-000ABCD/1/1":           false,
		"20261126T120000Z000abcd/1/1":            false,
		"":                                       false,
		"x":                                      false,
		good:                                     false,
		good + "/1":                              false,
		good + "/0/2":                            false, // a release has an app
		good + "/-1/2":                           false,
		good + "/1/-1":                           false,
		good + "/+1/2":                           false,
		good + "/1/1000000":                      false,
		good + "/0000001/2":                      false,
		good + "/2/3/one/two":                    true, // of two apps, with their names
		good + "/2/3/one":                        false,
		good + "/2/3/one/two/three":              false,
		good + "/2/3/":                           false,
		good + "/1/2/over=" + good:               true, // after that release
		good + "/2/3/one/two/over=none":          true, // after no release of ours
		good + "/1/2/over=":                      false,
		good + "/1/2/over=some":                  false,
		good + "/1/2/one/two":                    false,
		good + "/1/":                             false,
		good + "/a/2":                            false,
		good + "/1/2 ":                           false,
		"20261326T120000Z-000abcd/1/2":           false, // a thirteenth month
		"20261126T126000Z-000abcd/1/2":           false,
		"20261126T120000-000abcd/1/2":            false,
		"20261126T120000.5Z-000abcd/1/2":         false,
		"99999123T120000ZZ-ffff/1/2":             false,
		"100000101T000000Z-ffff/1/2":             false, // ids would not order as text
		"99991231T235959Z-ffff/1/2":              false,
		"29991231T235959Z-ffff/1/2":              true,
	} {
		if mk, ok := ParseMark(text); ok != want || ok && mk.String() != text {
			t.Errorf("%q: %v, and it is %s", text, ok, mk)
		}
	}
}

func TestAMarkNamesTheAppsOfAReleaseOfSeveralAndTheReleaseBefore(t *testing.T) {
	const id = "20261126T120000Z-000abcd"
	for apps, want := range map[string]string{"one": id + "/1/3", "one two": id + "/2/3/one/two"} {
		if mk := NewMark(id, strings.Fields(apps), 3, ""); mk.String() != want+"/over=none" {
			t.Errorf("%s: %s, want %s", apps, mk, want)
		}
		if mk := NewMark(id, strings.Fields(apps), 3, fleettest.Release(2)); mk.String() != want+"/over="+fleettest.Release(2) {
			t.Errorf("%s: %s, want %s", apps, mk, want)
		}
	}
}

// Issue on hostile lists: ids have no time after that of the year 9999.
func TestAMarkOfATimeThatCannotBeIsNone(t *testing.T) {
	day := fleettest.Epoch.Add(24 * time.Hour).Format(TimeFormat)
	for row, want := range map[string]bool{
		"g1 mark=99991231T235959Z-ffff/1/2":    false,
		"g1 born=0s mark=" + day + "-ffff/1/2": true, // our clock may be ahead of Fly's
		"g1 mark=30000101T000000Z-ffff/1/2":    false,
		"g1 mark=20200101T000000Z-ffff/1/2":    true, // a clone keeps the mark of the machine that it is of
		"g1 mark=x":                            false,
		"g1 mark=":                             false,
		"u1":                                   false,
		"x1 mark=20261126T120000Z-ffff/1/2":    true, // nobody asks, as it is not managed
		"g1 thin":                              false,
		"g1 mark=20261126T120000Z-000abcd/1/2 destroyed":        true,
		"g1 mark=20261126T120000Z-000abcd/1/2 stopped cordoned": true,
	} {
		if mk := one(row).Mark; (mk.ID != "") != want || !want && mk != (Mark{}) {
			t.Errorf("%s: %+v", row, mk)
		}
	}
}

func TestANewIDIsLaterThanEachMachineAndEachMark(t *testing.T) {
	now := fleettest.Epoch.Add(7*time.Millisecond + 500*time.Microsecond)
	for name, c := range map[string]struct {
		lists []List
		after time.Duration // of the id, after Epoch
	}{
		"there is nothing":                                           {nil, 0},
		"all are older":                                              {[]List{list("u1, e1, b1")}, 0},
		"a machine was created in this second":                       {[]List{list("u1 born=0s")}, 0},
		"our clock is behind Fly's":                                  {[]List{list("u1 born=90s, u2 born=30s")}, 90 * time.Second},
		"of two apps":                                                {[]List{list("u1 born=-90s"), list("u1 born=30s")}, 30 * time.Second},
		"a release began in this second":                             {[]List{list("g1 born=-1h")}, time.Second},
		"a release is of the second after the last machine":          {[]List{list("g1 born=-1h mark=20261126T120001Z-ffff/1/1")}, 2 * time.Second},
		"a mark an hour ahead":                                       {[]List{list("u1 born=10m, g1 born=0s mark=20261126T130000Z-ffff/1/1, u2 born=20m")}, time.Hour + time.Second},
		"a mark of a second before":                                  {[]List{list("g1 born=-1h mark=20261126T115959Z-ffff/1/1")}, 0},
		"marks of times that cannot be":                              {[]List{list("g1 mark=99991231T235959Z-ffff/1/2, g2 mark=99991231T235959Z-ffff/1/2")}, 2 * time.Second},
		"a machine that nobody knows anything about":                 {[]List{list("g1 thin")}, 0},
		"a machine that is not ours counts too, as its release does": {[]List{list("x1 born=1m")}, time.Minute},
	} {
		id := NewID(now, c.lists...)
		if want := fleettest.Epoch.Add(c.after).Format(TimeFormat) + "-007"; !strings.HasPrefix(id, want) || len(id) != len(want)+4 {
			t.Errorf("%s: %s, want %s and four random characters", name, id, want)
		}
		if mk, ok := ParseMark(id + "/1/1"); !ok || !mk.Time().Equal(fleettest.Epoch.Add(c.after)) {
			t.Errorf("%s: its own mark is not read: %v, of %v", name, ok, mk.Time())
		}
		for _, l := range c.lists {
			for _, m := range l {
				if m.Mark.ID >= id {
					t.Errorf("%s: %s is not after %s", name, id, m.Mark.ID)
				}
			}
		}
	}
}

func TestIDsOfOneSecondOrderByTheirMilliseconds(t *testing.T) {
	last := ""
	for _, ms := range []time.Duration{0, 9, 10, 15, 16, 99, 255, 256, 999} {
		id := NewID(fleettest.Epoch.Add(ms*time.Millisecond), nil)
		if id[:len(id)-4] <= last {
			t.Errorf("%s after %d ms is not after %s", id, ms, last)
		}
		last = id[:len(id)-4]
	}
	local := time.FixedZone("", 7200)
	if id := NewID(fleettest.Epoch.In(local)); !strings.HasPrefix(id, "20261126T120000Z-") {
		t.Errorf("%s is not in UTC", id)
	}
	if a, b := NewID(fleettest.Epoch), NewID(fleettest.Epoch); a == b {
		t.Errorf("two that begin in one millisecond are both %s", a)
	}
}

func TestMarksAreTheReleasesOfManagedMachinesNewestFirst(t *testing.T) {
	for rows, want := range map[string]string{
		"":                   "",
		"u1, n1":             "",
		"e1, g1, b1, g2, b2": "2 1 0",
		"g1 destroyed, b1":   "1",
		"x1 mark=20261126T120000Z-000abcd/1/1, b1 cordoned": "1",
	} {
		var got []string
		for _, mk := range list(rows).Marks() {
			for n := range 3 {
				if mk.ID == fleettest.Release(n) {
					got = append(got, string(rune('0'+n)))
				}
			}
		}
		if len(list(rows).Marks()) != len(got) {
			t.Errorf("%s: %v", rows, list(rows).Marks())
		}
		same(t, rows, strings.Join(got, " "), want)
	}
	if mk := list("g1 apps=3 of=4").Marks()[0]; mk.Apps != 3 || mk.Machines != 4 || mk.String() != fleettest.Release(2)+"/3/4" {
		t.Errorf("%+v", mk)
	}
}
