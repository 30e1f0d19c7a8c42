package draintest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// A day's drain of a thousand machines asks the fake a million times.

func BenchmarkExec(b *testing.B) {
	w := New(time.Now())
	if err := w.AddApp("my-app", "app=iad:1000"); err != nil {
		b.Fatal(err)
	}
	w.Connect("my-app", "", "", 5000, 0)
	w.LimitsOff = true
	ids := w.Apps["my-app"].Machines
	benchmark(b, w, func(n int) []string {
		return []string{"machine", "exec", ids[n%len(ids)], "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat", "--json", "-a", "my-app"}
	})
}

func BenchmarkListOfAThousand(b *testing.B) {
	w := New(time.Now())
	if err := w.AddApp("my-app", "app=iad:1000"); err != nil {
		b.Fatal(err)
	}
	w.LimitsOff = true
	benchmark(b, w, func(int) []string { return []string{"machine", "list", "--json", "-a", "my-app"} })
}

func benchmark(b *testing.B, w *World, args func(int) []string) {
	w.Latency = 0
	run := NewFly(w).Runner()
	b.ReportAllocs()
	for n := range b.N {
		if r, err := run(context.Background(), flyctl.Command{Args: args(n)}); err != nil || r.ExitCode != 0 {
			b.Fatalf("%v %s", err, r.Stderr)
		}
	}
}

func TestOfManyCommandsTheLogKeepsTheLastAndAllAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(time.Now())
		if err := w.AddApp("my-app", "app=iad:100"); err != nil {
			t.Fatal(err)
		}
		w.LogSize = 1000
		f := NewFly(w)
		ids := append([]string(nil), w.Apps["my-app"].Machines...)
		for range 50 {
			for _, id := range ids {
				sh(t, f, 0, "machine", "exec", id, "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat", "--json", "-a", "my-app")
			}
		}
		f.Do(func(w *World) {
			if len(w.Commands) >= 2*w.LogSize || w.Counts["machine exec"] != 5000 {
				t.Errorf("%d logged, %d counted", len(w.Commands), w.Counts["machine exec"])
			}
		})
	})
}
