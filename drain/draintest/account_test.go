package draintest

import (
	"testing"
	"time"
)

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
