package draintest

import (
	"strings"
	"testing"
	"time"
)

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
