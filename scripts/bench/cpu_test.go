package main

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// The times are those of flyctl 0.4.87 itself on two cores, against a server that
// answers as Fly's API does, each call in 60 ms; 16 commands side by side.
func TestSixtyCordonsTakeAsLongAsWithFlyctl(t *testing.T) {
	for _, c := range []struct {
		idsEach int
		env     []string
		took    time.Duration
	}{
		{1, nil, 3300 * time.Millisecond},
		{4, nil, 1300 * time.Millisecond},
		{60, nil, 7800 * time.Millisecond},
		{1, []string{"GOGC=off"}, 2500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scene{machines: 60}
			if err := s.open(); err != nil {
				t.Fatal(err)
			}
			var ids []string
			s.fly.Do(func(w *draintest.World) {
				w.Latency = 60 * time.Millisecond
				ids = slices.Clone(w.Apps[app].Machines)
			})
			begun := time.Now()
			var commands errgroup.Group
			commands.SetLimit(flyctl.MaxParallel)
			for some := range slices.Chunk(ids, c.idsEach) {
				commands.Go(func() error {
					args := slices.Concat([]string{"machine", "cordon"}, some, []string{"--app", app})
					_, err := s.run(context.Background(), flyctl.Command{Args: args, Env: c.env})
					return err
				})
			}
			if err := commands.Wait(); err != nil {
				t.Error(err)
			}
			took := time.Since(begun)
			t.Logf("%d a command, %q: %v, and flyctl %v", c.idsEach, c.env, took, c.took)
			if (took - c.took).Abs() > c.took/5 {
				t.Errorf("%d a command, %q: the model takes %v, and flyctl %v", c.idsEach, c.env, took, c.took)
			}
			s.fly.Do(func(w *draintest.World) {
				for _, m := range w.Live(app) {
					if !m.Cordoned {
						t.Errorf("machine %s is not cordoned", m.ID)
					}
				}
			})
		})
	}
}
