package draintest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// world returns one with an app, and the ids of its machines.
func world(t *testing.T, shapes ...string) (*World, []string) {
	t.Helper()
	w := New(newYear)
	if err := w.AddApp("my-app", shapes...); err != nil {
		t.Fatal(err)
	}
	return w, slices.Clone(w.Apps["my-app"].Machines)
}

var us = by{Who: "machine something", Ours: true}

func pass(w *World, d time.Duration) { w.advance(w.Now.Add(d)) }

func TestConnectionsLandNearestFirstThenWhereFewestAre(t *testing.T) {
	w, ids := world(t, "app=iad:2,lhr:1")
	w.Connect("my-app", "", "lhr", 3, 0)
	w.Connect("my-app", "", "iad", 3, 0)
	for i, want := range []int{2, 1, 3} {
		if got := w.Open(ids[i]); got != want {
			t.Errorf("%s has %d connections, want %d", ids[i], got, want)
		}
	}
}

func TestACordonReachesTheProxiesAfterPropagation(t *testing.T) {
	w, ids := world(t, "app=iad:1")
	if err := w.cordon(us, "my-app", ids[0], "", true); err != nil {
		t.Fatal(err)
	}
	pass(w, w.Propagation-time.Second)
	w.Connect("my-app", "", "", 1, time.Minute)
	pass(w, time.Second)
	w.Connect("my-app", "", "", 1, time.Minute)
	if a := w.Account; a.Opened != 1 || a.Refused != 1 {
		t.Errorf("%+v", a)
	}
	pass(w, time.Minute)
	if a := w.Account; a.Ended != 1 || a.Cut != 0 {
		t.Errorf("%+v", a)
	}
}

func TestTheAccountSaysWhatWasCutAndByWhat(t *testing.T) {
	w, ids := world(t, "app=iad:2")
	w.Connect("my-app", "", "", 4, time.Hour)
	w.stop(by{Who: "machine stop x"}, "my-app", ids[0], "", 0)
	w.Do(Action{Kind: "autostop", Machine: ids[1]})
	want := "opened 4  ended 0  open 0  refused 0  cut 4\ncut 2 of my-app " + ids[0] + " by machine stop x\ncut 2 of my-app " + ids[1] + " by platform: autostop\n"
	if got := w.Account.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestASignalGivesTheAppItsExitDelayUpToTheKillTimeout(t *testing.T) {
	w, ids := world(t, "app=iad:1")
	w.Apps["my-app"].ExitDelay = time.Minute
	w.Connect("my-app", "", "", 1, 3*time.Second)
	w.Connect("my-app", "", "", 1, time.Hour)
	w.stop(us, "my-app", ids[0], "", 10*time.Second)
	pass(w, 9*time.Second)
	if m := w.Machine(ids[0]); m.State != "stopping" || w.Account.Ended != 1 {
		t.Errorf("%s %+v", m.State, w.Account)
	}
	pass(w, time.Second)
	if m := w.Machine(ids[0]); m.State != "stopped" || w.Account.Cut != 1 {
		t.Errorf("%s %+v", m.State, w.Account)
	}
}

func TestTheProxyStartsAStoppedMachineForAClient(t *testing.T) {
	w, ids := world(t, "app=iad:1")
	w.Do(Action{Kind: "autostop", Machine: ids[0]})
	if !w.Machine(ids[0]).Takes() {
		t.Error("a machine that the proxy stopped takes traffic")
	}
	w.Connect("my-app", "", "", 1, time.Minute)
	pass(w, 10*time.Second)
	if w.Open(ids[0]) != 1 {
		t.Errorf("%+v", w.Account)
	}
}

func TestALoadIsAlwaysTheSame(t *testing.T) {
	run := func() string {
		w, _ := world(t, "app=iad:3,lhr:2")
		w.Serve(Load{App: "my-app", Every: 100 * time.Millisecond, Min: time.Second, Max: time.Minute, Until: newYear.Add(time.Hour)})
		pass(w, time.Hour)
		data, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if w.Account.Opened != 36000 || len(w.Conns) == 0 {
			t.Errorf("%+v", w.Account)
		}
		pass(w, 2*time.Minute)
		if w.Account.Ended != 36000 {
			t.Errorf("%+v", w.Account)
		}
		return string(data)
	}
	if one, two := run(), run(); one != two {
		t.Error("two runs differ")
	}
}

func TestAWorldSurvivesJSONInTheMiddleOfEverything(t *testing.T) {
	w, ids := world(t, "app=iad:2,lhr:1")
	w.Serve(Load{App: "my-app", Every: time.Second, Min: time.Second, Max: time.Minute, Until: newYear.Add(time.Hour)})
	w.At(newYear.Add(10*time.Minute), Action{Kind: "crash", Machine: ids[0]})
	pass(w, 5*time.Minute)
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	again, err := restore(data)
	if err != nil {
		t.Fatal(err)
	}
	pass(w, time.Hour)
	pass(again, time.Hour)
	one, _ := json.Marshal(w)
	two, _ := json.Marshal(again)
	if string(one) != string(two) {
		t.Errorf("%v\n%v", w.Account, again.Account)
	}
}

func TestALeaseKeepsOthersOutUntilItEnds(t *testing.T) {
	w, ids := world(t, "app=iad:1")
	nonce, err := w.lease("my-app", ids[0], time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cordon(us, "my-app", ids[0], "", true); err == nil || !strings.HasPrefix(err.Error(), "lease currently held by ") {
		t.Errorf("%v", err)
	}
	if err := w.cordon(us, "my-app", ids[0], nonce, true); err != nil {
		t.Error(err)
	}
	pass(w, time.Minute)
	if err := w.cordon(us, "my-app", ids[0], "", false); err != nil {
		t.Error(err)
	}
}

func TestRateLimitsAreTheDocumentedOnes(t *testing.T) {
	w := New(newYear)
	count := func(action, id string) (n int) {
		for range 20 {
			if w.limit(action, id) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		action, id string
		want       int
	}{{"list", "my-app", 3}, {"cordon", "m1", 3}, {"cordon", "m2", 3}, {"get", "m1", 10}} {
		if got := count(c.action, c.id); got != c.want {
			t.Errorf("%s %s: a burst of %d, want %d", c.action, c.id, got, c.want)
		}
	}
	pass(w, 2*time.Second)
	if got := count("list", "my-app"); got != 2 {
		t.Errorf("after 2 s: %d, want 2", got)
	}
	if got := count("get", "m1"); got != 10 {
		t.Errorf("after 2 s: %d, want 10", got)
	}
}

func TestAListIsLateShortOrThinAsItsFaultSays(t *testing.T) {
	w, ids := world(t, "app=iad:2,lhr:1")
	pass(w, time.Minute)
	w.cordon(us, "my-app", ids[0], "", true)
	w.Do(Action{Kind: "destroy", Machine: ids[1]})
	w.AddMachine("my-app", "app", "iad", "i")
	pass(w, time.Second)
	show := func(f Fault) string {
		var b strings.Builder
		for _, m := range w.view("my-app", f) {
			c := "?"
			if m.Cordoned != nil {
				c = map[bool]string{true: "x", false: "o"}[*m.Cordoned]
			}
			b.WriteString(m.ID[13:] + c + " ")
		}
		return strings.TrimSpace(b.String())
	}
	for _, c := range []struct {
		fault Fault
		want  string
	}{
		{Fault{}, "1x 3o 4o"},
		{Fault{View: "stale", Age: 10 * time.Second}, "1o 2o 3o"},
		{Fault{View: "empty"}, ""},
		{Fault{View: "short", Region: "iad"}, "3o"},
		{Fault{View: "no-cordoned"}, "1? 3? 4?"},
	} {
		if got := show(c.fault); got != c.want {
			t.Errorf("%+v: %s, want %s", c.fault, got, c.want)
		}
	}
	for v, want := range map[string]string{"0.4.68": "1? 3? 4?", "0.4.69": "1x 3o 4o", "2026.8.21-dev": "1x 3o 4o", "1.0": "1x 3o 4o"} {
		if w.Version = v; show(Fault{}) != want {
			t.Errorf("%s: %s, want %s", v, show(Fault{}), want)
		}
	}
}

// TestAThousandMachinesForADayAreCheap has a day in which all that happens is that
// connections end: whatever the number of machines, nothing else is done.
func TestAThousandMachinesForADayAreCheap(t *testing.T) {
	w, ids := world(t, "app=iad:400,lhr:300,syd:300")
	for i := range ids {
		w.Connect("my-app", "", []string{"iad", "lhr", "syd"}[i%3], 20, time.Duration(i%1440)*time.Minute+time.Second)
	}
	due, seq := len(w.Agenda), w.Seq
	pass(w, 24*time.Hour)
	if w.Account.Ended != 20000 || due != 20000 || w.Seq != seq {
		t.Errorf("%v: %d events were due, and %d came", w.Account, due, w.Seq-seq)
	}
}
