package draintest

import (
	"encoding/json"
	"testing"
	"time"
)

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

func TestTheProxyStopsAMachineForLackOfLoadAndCutsWhatItHas(t *testing.T) {
	w, ids := world(t, "app=iad:2")
	for _, m := range w.Live("my-app") {
		m.Config.Services[0].Autostop = "stop"
	}
	w.Connect("my-app", "", "", 3, 0)
	w.Autostop(5 * time.Minute)
	pass(w, 6*time.Minute)
	if w.Machine(ids[0]).State != "started" || w.Machine(ids[1]).State != "stopped" || w.Account.Cut != 1 {
		t.Errorf("%s %s %v", w.Machine(ids[0]).State, w.Machine(ids[1]).State, w.Account)
	}
	pass(w, 6*time.Minute)
	if w.Machine(ids[0]).State != "started" {
		t.Error("it stopped the last one, which is busy")
	}
	kept(t, w)
}
