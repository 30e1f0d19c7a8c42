package fleet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestAMachineServesIfTheProxySendsItConnections(t *testing.T) {
	for _, c := range []struct {
		row            string
		serving, could bool
	}{
		{"b1", true, true},
		{"b1 cordoned", false, true},
		{"b1 plain", true, true},
		{"b1 critical", false, false},
		{"b1 warning", false, false},
		{"b1 silent", false, false}, // a check that has not answered does not pass
		{"b1 starting", false, false},
		{"b1 worker", false, false}, // in a group without services
		{"b1 destroyed", false, false},
		{"b1 destroying", false, false},
		{"b1 unreachable", false, false},
		{"b1 stopped", false, false},
		{"b1 stopped autostart", true, true},
		{"b1 suspended autostart cordoned", false, true},
		{"b1 stopped autostart asked", true, true},
		{"b1 stopped autostart exit=0", true, true},
		{"b1 stopped autostart exit=1", false, false}, // it failed, and fails again
		{"b1 starting autostart", false, false},
		{"b1 critical autostart", false, false},
		{"b1 standby=b2", false, false},
		{"b1 stopped autostart standby=b2", false, false},
	} {
		l := list(c.row)
		if m := l[0]; m.Serving() != c.serving || m.CouldServe() != c.could {
			t.Errorf("%s: serving %v, and could %v", c.row, m.Serving(), m.CouldServe())
		}
		if (len(l.Serving()) > 0) != c.serving || (len(l.CouldServe()) > 0) != c.could {
			t.Errorf("%s: the count says otherwise", c.row)
		}
	}
}

// What destroys green at once asks whether a proxy could have sent it something.
func TestAMachineMayTakeConnectionsUnlessItsChecksKeepThemAway(t *testing.T) {
	for row, want := range map[string]bool{
		"g1":                     true,
		"g1 cordoned":            true, // not all proxies know it yet
		"g1 critical":            false,
		"g1 warning":             true,
		"g1 silent":              false,
		"g1 plain":               true,
		"g1 plain silent":        true, // nothing keeps them away
		"g1 starting":            false,
		"g1 stopped autostart":   false,
		"g1 worker":              false,
		"g1 critical alive":      true, // one of its checks passes, and nobody knows whose it is
		"g1 unreachable":         true,
		"g1 critical exit=1 lhr": false,
	} {
		if got := one(row).MayTake(); got != want {
			t.Errorf("%s: %v", row, got)
		}
	}
}

func TestCountsAreOfManagedMachinesByPlace(t *testing.T) {
	l := list("b1, b2 lhr, b3 lhr cordoned, b4 web, b5 web critical, x1, b6 destroyed, b7 worker, b8")
	same(t, "serving", fmt.Sprint(l.Serving()), "map[group app in iad:2 group app in lhr:1 group web in iad:1]")
	same(t, "could serve", fmt.Sprint(l.CouldServe()), "map[group app in iad:2 group app in lhr:2 group web in iad:1]")
}

var app, lhr, web = Place{"app", "iad"}, Place{"app", "lhr"}, Place{"web", "iad"}

func TestAFloorHoldsWhereAsManyServeInEachPlace(t *testing.T) {
	floor := Floor{app: 2, lhr: 1, web: 1}
	for _, c := range []struct {
		serving      Count
		short, empty string
	}{
		{Count{app: 2, lhr: 1, web: 1}, "", ""},
		{Count{app: 3, lhr: 1, web: 2, {"jobs", "iad"}: 1}, "", ""},
		{Count{app: 1, lhr: 1, web: 1}, "group app in iad", ""},
		{Count{app: 3, web: 1}, "group app in lhr", "group app in lhr"}, // another region does not make up for it
		{Count{app: 2, lhr: 1}, "group web in iad", "group web in iad"},
		{Count{app: 1, lhr: 1}, "group app in iad", "group web in iad"},
		{Count{}, "group app in iad", "group app in iad, group app in lhr, group web in iad"}, // in a fixed order
		{nil, "group app in iad", "group app in iad, group app in lhr, group web in iad"},
	} {
		if p, ok := floor.Short(c.serving); ok != (c.short != "") || ok && p.String() != c.short || !ok && p != (Place{}) {
			t.Errorf("%v: short in %v, %v; want %q", c.serving, p, ok, c.short)
		}
		var empty []string
		for _, p := range floor.Empty(c.serving) {
			empty = append(empty, p.String())
		}
		same(t, fmt.Sprintf("%v: empty", c.serving), strings.Join(empty, ", "), c.empty)
		if floor.Holds(c.serving) != (c.short == "") {
			t.Errorf("%v: holds %v", c.serving, floor.Holds(c.serving))
		}
	}
	none := Floor{app: 0}
	if len(none.Empty(nil)) > 0 || !none.Holds(nil) || !Floor(nil).Holds(nil) {
		t.Error("a place that needs none has none")
	}
}

func TestAGuessedFloorIsTheSmallerOfGreenAndBlueOrGreenAlone(t *testing.T) {
	for _, c := range []struct{ green, blue, want string }{
		{"g1, g2", "b1, b2", "map[group app in iad:2]"},
		{"g1", "b1, b2", "map[group app in iad:1]"},
		{"g1, g2", "b1", "map[group app in iad:1]"},
		{"g1, g2 lhr", "b1, b2 nrt", "map[group app in iad:1]"},
		{"g1, g2 cordoned, g3 thin", "", "map[group app in iad:1]"}, // no blue at all: what of green is uncordoned
		{"g1", "u1 worker", "map[]"},
		{"", "b1", "map[]"},
		{"g1 critical, g2 stopped", "b1 cordoned, b2 starting", "map[group app in iad:2]"}, // by what they are, not what they do
		{"g1 worker", "b1 worker", "map[]"},
		{"g1, g2 standby=g1", "b1, b2", "map[group app in iad:1]"},
		{"g1, g2", "b1, b2 standby=b1", "map[group app in iad:1]"},
		{"g1, g2 stopped asked", "b1, b2 stopped asked", "map[group app in iad:1]"}, // at rest as blue is
		{"g1, g2 stopped asked", "b1, b2", "map[group app in iad:2]"},
		{"g1, g2 stopped asked autostart", "b1, b2 stopped asked", "map[group app in iad:2]"},
		{"g1 stopped asked", "b1 stopped asked", "map[group app in iad:1]"},
		{"g1, g2 destroyed, x1", "b1, b2", "map[group app in iad:1]"},
	} {
		same(t, c.green+" / "+c.blue, fmt.Sprint(Guess(list(c.green), list(c.blue))), c.want)
	}
	green := after("g1, g2", "g1 thin, g2")
	same(t, "thin", fmt.Sprint(Guess(green, list("b1, b2"))), "map[group app in iad:2]")
}

func TestGreenIsAtRestInEachPlaceAsFarAsBlueIs(t *testing.T) {
	for _, c := range []struct{ green, blue, want string }{
		{"g1, g2 stopped asked, g3 stopped asked", "b1, b2 stopped asked", "g2"},
		{"g1 stopped exit=0, g2 lhr stopped asked, g3 worker stopped asked", "b1 stopped asked, b2 stopped asked, b3 worker stopped exit=0", "g1 g3"},
		{"g1, g2 stopped asked", "b1, b2", ""},
		{"g1 stopped exit=1, g2 stopped, g3 stopped asked", "b1 stopped asked", "g3"}, // failed; not known
		{"g1 stopped asked", "b1 stopped exit=1, b2 stopped", ""},
		{"g1 stopped asked standby=g2", "b1 stopped asked", ""},
		{"g1 stopped asked", "b1 stopped asked standby=b2", ""},
	} {
		same(t, c.green+" / "+c.blue, ids(list(c.green).AtRestAs(list(c.blue))), c.want)
	}
	thin := after("g1 stopped asked", "g1 thin")
	same(t, "thin", ids(thin.AtRestAs(list("b1 stopped asked"))), "")
}

func TestAFloorOfSomeGroupsHasNoOtherPlaceAndNoneOfZero(t *testing.T) {
	floor := Floor{app: 2, lhr: 0, web: 1}
	same(t, "app", fmt.Sprint(floor.In(func(g string) bool { return g == "app" })), "map[group app in iad:2]")
	same(t, "all", fmt.Sprint(floor.In(func(string) bool { return true })), "map[group app in iad:2 group web in iad:1]")
	if len(floor) != 3 {
		t.Error("the floor itself was changed")
	}
}

func TestAGroupHasTheServicesOfItsMachines(t *testing.T) {
	l := list("b1, b2 worker, b3 worker lhr, b4 web")
	same(t, "workers", ids(l.InGroup("worker")), "b2 b3")
	if l.InGroup("worker").HasServices() || !l.HasServices() || !l.InGroup("web").HasServices() || (List{}).HasServices() {
		t.Error("a worker has services, or a web server has not")
	}
	m := flyctl.Machine{Config: flyctl.Config{Metadata: map[string]string{"process_group": "old"}}, Region: "iad"}
	if p := (&Machine{Machine: m}).Place(); p != (Place{"old", "iad"}) {
		t.Errorf("%+v", p)
	}
}

func TestWhatRunsHasNotEndedWhateverItsEventsSay(t *testing.T) {
	exit := flyctl.Event{Type: "exit"}
	exit.Request.Exit = &flyctl.Exit{RequestedStop: true}
	for rows, want := range map[string]bool{"b1": false, "b1 stopped": true} {
		m := list(rows)[0]
		m.Events = []flyctl.Event{exit}
		if m.Ended() != want {
			t.Errorf("%s: it has ended: %v", rows, m.Ended())
		}
		m.Events = nil
		if m.StopRequested() {
			t.Errorf("%s, without events: somebody has stopped it", rows)
		}
	}
}
