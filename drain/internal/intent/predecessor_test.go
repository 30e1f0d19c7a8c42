package intent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestARollbackGoesToTheNewestWholePredecessor(t *testing.T) {
	for _, c := range []struct{ why, rows, want string }{
		{"the one before", "b1 cordoned, b2 cordoned, g1, g2", "b1 b2"},
		{"the newest, whatever else drains", "u1 cordoned, e1 cordoned, e2 cordoned, b1 cordoned, b2 cordoned, g1, g2", "b1 b2"},
		{"one before it, where that is not whole", "e1 cordoned, e2 cordoned, b1 cordoned, g1, g2", "e1 e2"},
		{"one that is not ours", "u1 cordoned, u2 cordoned, b1 cordoned, g1, g2", "u1 u2"},
		{"one whose workers are stopped", "b1 cordoned of=3, b2 cordoned of=3, b3 worker stopped cordoned of=3, g1 of=3, g2 of=3, g3 worker of=3", "b1 b2 b3"},
		{"one that has no such group", "b1 cordoned, b2 cordoned, g1 of=3, g2 of=3, g3 web of=3", "b1 b2"},
		{"one that is larger", "b1 cordoned, b2 cordoned, g1", "b1 b2"},
		{"after a release that was taken back", "e1 cordoned, e2 cordoned, b1, b2, g1 cordoned, g2 cordoned", "e1 e2"},
		{"past one that never served", "e1 cordoned, e2 cordoned, b1 cordoned, b2 cordoned, g1 over=e, g2 over=e", "e1 e2"},
		{"past one that never served, to one that is not ours", "u1 cordoned, u2 cordoned, b1 cordoned, b2 cordoned, g1 over=none, g2 over=none", "u1 u2"},
		{"past one that is not whole, to that before it", "u1 cordoned, u2 cordoned, e1 cordoned, e2 cordoned, b1 cordoned over=none, g1 over=b, g2 over=b", "u1 u2"},
		{"several apps", "b1 cordoned apps=2, b2 cordoned apps=2, g1 apps=2, g2 apps=2 | b1 cordoned apps=2 of=1, g1 apps=2 of=1", "b1 b2 | b1"},
		{"each to its own, where one was released alone", "e1 cordoned, e2 cordoned, g1 apps=2, g2 apps=2 | b1 cordoned of=1, g1 apps=2 of=1", "e1 e2 | b1"},
		{"all to what they were at one time", "e1 cordoned, e2 cordoned, b1 cordoned, b2 cordoned, g1 apps=2, g2 apps=2 | e1 cordoned of=1, b1 cordoned, g1 apps=2 of=1", "e1 e2 | e1"},

		{"nothing drains", "g1, g2", "one: no older release is still draining"},
		{"what served is gone, and what drains never did", "b1 cordoned, b2 cordoned, g1 over=e, g2 over=e", "one: no older release is still draining"},
		{"nothing serves", "b1 cordoned, b2 cordoned", "one: no older release is still draining"},
		{"no release of ours serves", "u1 cordoned, u2", "one: no older release is still draining"},
		{"none is whole", "e1 cordoned, b1 cordoned, g1, g2", "one: release " + fleettest.Release(1) + " is not whole any more: 1 of its 2 machines are left\none: release " + fleettest.Release(0) + " is not whole any more: 1 of its 2 machines are left"},
		{"one whose row says nothing", "b1 cordoned, b2 cordoned unreachable, g1, g2", "one: release " + fleettest.Release(1) + " is not whole any more: 1 of its 2 machines are left"},
		{"fewer in a place", "b1 cordoned, b2 lhr cordoned, g1, g2", "one: release " + fleettest.Release(1) + " cannot take over: it has 1 machine left in group app in iad, and 2 serve there now"},
		{"fewer, of what is not ours", "u1 cordoned, g1, g2 web", "one: the release before " + fleettest.Release(2) + " cannot take over: it has 0 machines left in group web in iad, and 1 serve there now"},
		{"it serves too", "b1, b2 cordoned, g1, g2", "one: machines of an older release serve too: b1"},
		{"an app too few", "b1 cordoned, b2 cordoned, g1 apps=2, g2 apps=2", "one: release " + fleettest.Release(2) + " covers 2 apps: pass these, and no others"},
		{"apps of two releases", "b1 cordoned, b2 cordoned, g1 apps=2, g2 apps=2 | e1 cordoned, e2 cordoned, b1 apps=2, b2 apps=2", "two: release " + fleettest.Release(1) + " covers 2 apps: pass these, and no others"},
		{"one that is not ours, with a row that says nothing", "u1 cordoned, u2 cordoned unreachable, g1, g2", "one: the release before " + fleettest.Release(2) + " is not whole any more: 1 of its 2 machines are left"},
		{"one app has nothing as old", "e1 cordoned, e2 cordoned, b1 cordoned, g1 apps=2, g2 apps=2 | b1 cordoned of=1, g1 apps=2 of=1",
			"one: release " + fleettest.Release(1) + " is not whole any more: 1 of its 2 machines are left\ntwo: no release is as old as that"},
	} {
		lists := believe(c.rows)
		older, err := Predecessors(appNames[:len(lists)], lists)
		var texts []string
		for _, l := range older {
			texts = append(texts, strings.Join(l.IDs(), " "))
		}
		got := strings.Join(texts, " | ")
		if err != nil {
			got = fmt.Sprint(err)
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %s:\n got %s\nwant %s", c.why, c.rows, got, c.want)
		}
	}
}
