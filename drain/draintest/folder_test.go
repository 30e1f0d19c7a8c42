package draintest

import (
	"os"
	"testing"
	"time"
)

// A process that is killed while it writes leaves the state before or the state after,
// whole, and the next process goes on from there.
func TestAProcessKilledWhileItWritesLeavesAWholeState(t *testing.T) {
	for _, test := range []struct {
		name string
		kill func(d *folder) error
		then time.Duration // after the state that the killed process found
	}{
		{"before the new state is whole", func(d *folder) error { return os.WriteFile(d.next(), []byte("{"), 0o666) }, 0},
		{"when the old state is removed", func(d *folder) error { return os.Rename(d.state(), d.next()) }, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			// Given a state, and one a minute later.
			start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			d := &folder{dir: t.TempDir()}
			if err := d.write(New(start)); err != nil {
				t.Fatal(err)
			}
			if test.then > 0 {
				if err := d.do(func(w *World) { w.advance(start.Add(test.then)) }); err != nil {
					t.Fatal(err)
				}
			}
			// When the process that writes the later one is killed
			if err := test.kill(d); err != nil {
				t.Fatal(err)
			}
			// Then the next process finds one of them, and can write.
			for n := range 2 {
				next := &folder{dir: d.dir}
				if err := next.do(func(w *World) {
					if got := w.Now.Sub(start); got != test.then || w.Count != n {
						t.Errorf("the next process finds %s and %d, want %s and %d", got, w.Count, test.then, n)
					}
					w.Count++
				}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
