package draintest

import (
	"strings"
	"testing"
	"time"
)

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

func TestTheFourthListOfASecondIsRefused(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, _ []string) {
		list := func(exit int) string {
			_, talk := sh(t, f, exit, "machine", "list", "-q", "-a", "my-app")
			return talk
		}
		f.Do(func(w *World) { w.Latency = 0 })
		for range 3 {
			list(0)
		}
		if talk := list(1); !strings.Contains(talk, "429") {
			t.Error(talk)
		}
		time.Sleep(time.Second)
		list(0)
	})
}
