package draintest

import (
	"sync"
	"testing"
)

func TestItCountsTheMostCommandsAtOnce(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() { sh(t, f, 0, "machine", "cordon", id, "-a", "my-app") })
		}
		all.Wait()
		f.Do(func(w *World) {
			if w.Most["machine cordon"] != 3 || w.Running[""] != 0 || w.Counts["api cordon"] != 3 || len(w.Lines("machine cordon")) != 3 {
				t.Errorf("%v %v %v", w.Most, w.Running, w.Counts)
			}
		})
	})
}
