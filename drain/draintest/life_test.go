package draintest

import (
	"testing"
	"time"
)

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
