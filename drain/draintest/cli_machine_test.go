package draintest

import (
	"strings"
	"testing"
	"time"
)

func TestALeaseThatCannotBeHadLeavesTheLaterOnes(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.Do(func(w *World) { w.Do(Action{Kind: "lease", Machine: ids[1], For: time.Hour}) })
		start := time.Now()
		_, talk := sh(t, f, 1, "machine", "cordon", ids[0], ids[1], ids[2], "-a", "my-app")
		if d := time.Since(start); d < time.Minute || d > 70*time.Second {
			t.Errorf("it waited %s", d)
		}
		if !strings.Contains(talk, "lease currently held by other@example.com") {
			t.Error(talk)
		}
		f.Do(func(w *World) {
			for i, want := range []bool{false, true, true} {
				if m := w.Machine(ids[i]); (w.leased(m) != nil) != want || m.Cordoned {
					t.Errorf("%d: leased %t, cordoned %t", i, !want, m.Cordoned)
				}
			}
		})
	})
}
