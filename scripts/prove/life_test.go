package main

import (
	"context"
	"errors"
	"io"
	"net"
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

func TestWhatOtherRunsLeftIsDestroyedIfItIsAskedForOrOld(t *testing.T) {
	const app = "flydrain-prove-202611261745-0ab7c4fc"
	for name, c := range map[string]struct {
		clean     bool
		answer    string
		says, ran string
	}{
		"clean":         {true, "y\n", "destroyed: " + app, "apps destroy " + app + " --yes"},
		"clean, but no": {true, "\n", "It destroys what earlier runs left: " + app, ""},
		"new":           {false, "n\n", "destroy them by -clean: " + app, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			var talk strings.Builder
			p := prover{org: "my-org", clean: c.clean, hold: 100 * 365 * 24 * time.Hour, in: strings.NewReader(c.answer), talk: &talk, flyctl: recorded(t, &asked)}
			err := p.work(t.Context(), io.Discard)
			if got := strings.Join(asked, "; "); got != c.ran || !strings.Contains(talk.String(), c.says) || (err == nil) != (c.ran != "") {
				t.Errorf("%v, ran %q, said:\n%s", err, got, &talk)
			}
		})
	}
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		b.fly.Do(func(w *draintest.World) {
			for _, name := range []string{newName(), "flydrain-prove-it"} {
				if err := w.AddApp(name, "app=iad:1"); err != nil {
					t.Error(err)
				}
				w.Apps[name].Org = "my-org"
			}
		})
		time.Sleep(b.hold + longest)
		b.watch, b.hold = time.Second, time.Second
		if err := b.work(t.Context(), io.Discard); err != nil && !errors.Is(err, errOtherwise) {
			t.Error(err)
		}
		b.fly.Do(func(w *draintest.World) {
			if len(w.Apps) != 1 || w.Apps["flydrain-prove-it"] == nil {
				t.Errorf("there are %d apps", len(w.Apps))
			}
		})
	})
}

func TestWithoutAnAddressForTCPTheRestIsSeen(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "")
	t.Setenv("FLY_ACCESS_TOKEN", "")
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		dial := b.network.dial
		b.network.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if network == "tcp6" {
				return nil, errors.New("network is unreachable")
			}
			return dial(ctx, network, addr)
		}
		r, err := b.prove(t.Context())
		if err != nil {
			t.Error(err)
		}
		unseen := map[string]string{"a cordoned machine keeps its raw TCP connection": "could not be opened: network is unreachable"}
		for _, f := range r.Facts {
			metrics := strings.Contains(f.Fact, "metrics") || strings.Contains(f.Fact, "series")
			if why, ok := unseen[f.Fact]; ok || metrics {
				if f.Verdict != notSeen || why != "" && f.Seen != why {
					t.Errorf("%s: %s: %s", f.Fact, f.Verdict, f.Seen)
				}
			} else if f.Verdict != asBelieved {
				t.Errorf("%s: %s: %s", f.Fact, f.Verdict, f.Seen)
			}
		}
	})
}

func TestAWrongCommandLineEndsWithTwo(t *testing.T) {
	for _, args := range []string{"", "-org", "-org x y", "-org x -regions a,b,c", "-org x -hold 0s", "-org x -every -1s"} {
		if code := run(t.Context(), strings.Fields(args), nil, io.Discard, io.Discard); code != 2 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}

func TestTheTableIsMarkdown(t *testing.T) {
	r := report{Regions: []string{"iad"}}
	r.add(fact{name: "a", believed: "b", how: "c"}, seen{text: "x | y\nz\x1b[1m"}, nil)
	if want := "| a | b | OTHERWISE | x \\| y; z | c |\n"; !strings.HasSuffix(r.String(), want) {
		t.Errorf("%q", r.String())
	}
}
