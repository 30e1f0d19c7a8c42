package draintest

import (
	"testing"
	"time"
)

// Whatever the number of machines, nothing else is done.
func TestADayOfAThousandMachinesHasNoEventsButConnectionsThatEnd(t *testing.T) {
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
