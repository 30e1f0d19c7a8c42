package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func (b *bench) nothingIsLeft(t *testing.T) {
	t.Helper()
	b.fly.Do(func(w *draintest.World) {
		for name := range w.Apps {
			t.Errorf("%s is left", name)
		}
		for _, m := range w.Machines {
			if m.State != "destroyed" {
				t.Errorf("machine %s of %s is %s", m.ID, m.App, m.State)
			}
		}
	})
}

// after calls f after n commands, with the name of the last one.
func (b *bench) after(n int64, f func()) (ran *atomic.Int64) {
	run, ran := b.flyctl, new(atomic.Int64)
	b.flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		at := ran.Add(1)
		res, err := run(ctx, cmd)
		if at == n {
			f()
		}
		return res, err
	}
	return ran
}

// With FLYDRAIN_LONG it is killed after each command, else after each fifth one.
func TestKilledAfterAnyCommandCleanLeavesNothing(t *testing.T) {
	step := int64(5)
	if os.Getenv("FLYDRAIN_LONG") != "" {
		step = 1
	}
	for n, calls := int64(1), int64(1000); n <= calls; n += step {
		onSimulatedFly(t, func(t *testing.T, b *bench) {
			b.hold, b.watch = 10*time.Second, 2*time.Second
			b.fly.Do(func(w *draintest.World) { w.ExecMost = 64 << 10 }) // megabytes take long
			alive, ctx := b.flyctl, t.Context()
			ctx, kill := context.WithCancelCause(ctx)
			ran := b.after(n, func() {
				kill(draintest.ErrKilled)
				b.flyctl = func(context.Context, flyctl.Command) (flyctl.Result, error) {
					return flyctl.Result{ExitCode: -1}, draintest.ErrKilled
				}
			})
			if _, err := b.prove(ctx); err == nil {
				calls = ran.Load() // it has ended
			}
			b.flyctl, b.clean = alive, true
			if err := b.work(t.Context(), io.Discard); err != nil {
				t.Errorf("killed after command %d: %v", n, err)
			}
			b.nothingIsLeft(t)
		})
	}
}

func TestInterruptedItDestroysItsAppAndSaysWhatItHasSeen(t *testing.T) {
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		ctx, interrupt := context.WithCancelCause(t.Context())
		b.after(40, func() { interrupt(errors.New("interrupted")) })
		r, err := b.prove(ctx)
		if err == nil || err.Error() != "interrupted" {
			t.Errorf("%v", err)
		}
		first, last := r.Facts[0], r.Facts[len(r.Facts)-1]
		if first.Verdict != asBelieved || last.Verdict != notSeen || last.Seen != "interrupted" {
			t.Errorf("%v", r)
		}
		b.nothingIsLeft(t)
	})
}

func TestAPanicDestroysTheApp(t *testing.T) {
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		run := b.flyctl
		b.flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			if cmd.Args[1] == "exec" {
				panic("a mistake")
			}
			return run(ctx, cmd)
		}
		defer func() {
			if recover() != "a mistake" {
				t.Error("it did not panic")
			}
			b.nothingIsLeft(t)
		}()
		_, _ = b.prove(t.Context())
	})
}

func TestAnAppThatCannotBeDestroyedAtOnceIsTriedAgain(t *testing.T) {
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		b.fly.Do(func(w *draintest.World) {
			w.Faults = []*draintest.Fault{
				{Command: "apps create", Status: 500, AfterEffect: true}, // it is there, though flyctl says that it failed
				{Command: "apps destroy", Status: 500, Times: 3},
			}
		})
		if _, err := b.prove(t.Context()); err == nil || !strings.Contains(err.Error(), "flyctl apps create") {
			t.Errorf("%v", err)
		}
		b.nothingIsLeft(t)
	})
}

func TestAnAppThatCannotBeDestroyedIsNamed(t *testing.T) {
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		b.fly.Do(func(w *draintest.World) { w.Faults = []*draintest.Fault{{Command: "apps destroy", Status: 500}} })
		b.hold, b.watch = time.Second, time.Second
		_, err := b.prove(t.Context())
		if err == nil || !strings.Contains(err.Error(), "one that is left costs money: run: fly apps destroy flydrain-prove-") {
			t.Errorf("%v", err)
		}
	})
}

// recorded is a flyctl that lists apps as a real one did, and keeps what else it is asked.
func recorded(t *testing.T, asked *[]string) flyctl.Runner {
	list, err := os.ReadFile("../../testdata/flyctl/apps-list.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		if cmd.Args[1] != "list" {
			*asked = append(*asked, strings.Join(cmd.Args, " "))
			list = []byte("[]")
		}
		return flyctl.Result{Stdout: list}, nil
	}
}
