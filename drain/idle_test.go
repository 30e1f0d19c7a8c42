package drain_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestTheLastConnectionIsWaitedForByEachProbe(t *testing.T) {
	t.Parallel()
	lasts := 30 * time.Hour
	if !long() {
		lasts = time.Hour
	}
	for name, p := range map[string]func(s *sim) probe.Probe{
		"by sockets":    func(*sim) probe.Probe { return probe.Sockets{} },
		"by prometheus": func(s *sim) probe.Probe { _, p := s.metrics(); return p },
		"by both":       func(s *sim) probe.Probe { _, p := s.metrics(); return probe.Highest{p, probe.Sockets{}} },
		"by a function": func(s *sim) probe.Probe {
			return probe.Func(func(_ context.Context, _ *flyctl.Client, machines []flyctl.Machine) map[string]probe.Reading {
				out := map[string]probe.Reading{}
				s.world(func(w *draintest.World) {
					for _, m := range machines {
						w.Looked(m.ID, true, w.Open(m.ID))
						out[m.ID] = probe.Known(w.Open(m.ID))
					}
				})
				return out
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				r.Probe = p(s)
				ends := time.Now().Add(lasts)
				s.connect("my-app", "app", "iad", 1, lasts)
				s.connect("my-app", "app", "iad", 1, 20*time.Minute)
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", v2...)
				// A poll a minute, a second read, and Fly's time to stop and destroy.
				if late := time.Since(ends); late < 0 || late > 100*time.Second {
					t.Errorf("gone %v after its last connection", late)
				}
			})
		})
	}
}

// TestAnExecThatFailsEveryThirdTimeIsNoIdleReading fails just when a second reading would say that
// a machine is idle, on which a connection has landed since the first.
func TestAnExecThatFailsEveryThirdTimeIsNoIdleReading(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onEvent(r, drain.EventCordoned, func(e drain.Event) {
			s.after(3*time.Second, func() { s.connect("my-app", "app", "iad", 2, 15*time.Minute) })
		})
		var mu sync.Mutex
		execs, fly := map[string]int{}, r.Flyctl
		r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			res, err := fly(ctx, cmd)
			if cmd.Args[1] != "exec" {
				return res, err
			}
			mu.Lock()
			defer mu.Unlock()
			if execs[cmd.Args[2]]++; execs[cmd.Args[2]]%3 == 2 {
				res.Stdout = []byte(`{"exit_code": 1, "stderr": "cat: /proc/net/tcp: Input/output error\n"}`)
			}
			return res, err
		}
		begun := time.Now()
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
		if time.Since(begun) < 15*time.Minute {
			t.Errorf("done after %v: no connection landed on blue", time.Since(begun))
		}
		if !slices.ContainsFunc(s.readings(""), func(e drain.Event) bool {
			return e.Reading.Why() == `cat ended with exit code 1: "cat: /proc/net/tcp: Input/output error"`
		}) {
			t.Error("nobody was told why it was unknown")
		}
	})
}

func TestAMachineWithoutCatIsKept(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.Deadline = time.Hour
		s.world(func(w *draintest.World) { w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{NoCat: true} })
		s.connect("my-app", "app", "iad", 4, 2*time.Minute)
		s.deploy(drain.ResultDraining, r)
		if n := strings.Count(s.list("my-app"), "started v1 cordoned"); n != 2 {
			t.Errorf("%d machines are kept:\n%s", n, s.list("my-app"))
		}
		if got := s.readings(""); len(got) != 2 || !strings.HasPrefix(got[0].Reading.Why(), "no cat in the image") {
			t.Errorf("the reason was told %d times: %v", len(got), got)
		}
		kind := func(k drain.EventKind) func(drain.Event) bool {
			return func(e drain.Event) bool { return e.Kind == k }
		}
		if i, created := slices.IndexFunc(s.events, kind(drain.EventWarning)), slices.IndexFunc(s.events, kind(drain.EventCreated)); i < 0 || i > created {
			t.Errorf("no warning before green is created: event %d, and %d", i, created)
		}
	})
}

func TestAMachineThatHasStoppedIsIdleWhateverTheProbesSay(t *testing.T) {
	for _, kind := range []string{"autostop", "crash", "stop"} {
		t.Run(kind, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Deadline = 10 * time.Hour // if it is never idle
				s.world(func(w *draintest.World) { w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{NoCat: true} })
				s.connect("my-app", "app", "iad", 3, 20*time.Hour)
				s.onPhase(r, drain.PhaseDrain, func() {
					s.world(func(w *draintest.World) {
						w.At(w.Now.Add(20*time.Minute), draintest.Action{Kind: kind, App: "my-app", Group: "app", Blue: true})
					})
				})
				begun := time.Now()
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", "app iad started v2", "worker iad started v2")
				if took := time.Since(begun); took < 20*time.Minute || took > 23*time.Minute {
					t.Errorf("done after %v", took)
				}
				s.world(func(w *draintest.World) {
					if w.Account.Cut == 0 {
						t.Error("nothing was cut by what happened outside: the machine was gone before")
					}
					w.Account.Cut = 0
				})
			})
		})
	}
}

// TestAMachineGoesAtItsOwnSoftLimit lets machines go with up to 20 connections, which
// is what their fly.toml has.
func TestAMachineGoesAtItsOwnSoftLimit(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		r.SoftLimit = true
		s.world(func(w *draintest.World) { w.SoftLimits = true })
		s.connect("my-app", "app", "iad", 20, 20*time.Hour)
		s.connect("my-app", "app", "iad", 1, 20*time.Minute)
		begun := time.Now()
		s.deploy(drain.ResultDone, r)
		if took := time.Since(begun); took < 20*time.Minute || took > 23*time.Minute {
			t.Errorf("done after %v", took)
		}
		if e := s.readings("")[0]; e.Limit != 20 || e.Reading.String() != "21 connections" {
			t.Errorf("%v, and its limit %d", e.Reading, e.Limit)
		}
		s.world(func(w *draintest.World) {
			if w.Account.Cut != 20 {
				t.Errorf("%d were cut", w.Account.Cut)
			}
			w.Account.Cut = 0
		})
	})
}

// TestWorkersGoWhenTheyHaveNothingInHand has a command that tells a worker to
// take no more jobs, and prints how many it has.
func TestWorkersGoWhenTheyHaveNothingInHand(t *testing.T) {
	for name, c := range map[string]struct {
		probe probe.Probe
		least time.Duration
	}{
		"without a probe they go at once": {nil, 0},
		"with one when it says 0":         {probe.Exec{Command: "jobs --finish"}, 20 * time.Minute},
		"sockets cannot tell":             {probe.Highest{probe.Sockets{}, probe.Exec{Command: "jobs --finish"}}, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:2")
				r.WorkerProbe = c.probe
				r.Limit = 5 // connections are not jobs
				s.world(func(w *draintest.World) {
					w.Limit = 5
					w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{"jobs --finish": {Stdout: "3\n"}}}
				})
				s.after(20*time.Minute, func() {
					s.world(func(w *draintest.World) {
						w.Images["registry.fly.io/my-app:v1"].Exec["jobs --finish"] = draintest.ExecAnswer{Stdout: "0\n"}
					})
				})
				begun := time.Now()
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", "app iad started v2", "worker iad started v2", "worker iad started v2")
				if took := time.Since(begun); took < c.least || took > c.least+5*time.Minute {
					t.Errorf("done after %v", took)
				}
			})
		})
	}
}

// TestASurplusWorkerFinishesWhatItHasInHand has the one that flyctl creates in the
// primary region, where blue has none.
func TestASurplusWorkerFinishesWhatItHasInHand(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=lhr:1")
		r.WorkerProbe = probe.Exec{Command: "jobs"}
		image := &draintest.Image{Exec: map[string]draintest.ExecAnswer{"jobs": {Stdout: "3\n"}}}
		s.world(func(w *draintest.World) {
			w.Images[r.Apps[0].Image] = image
			w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{"jobs": {Stdout: "0\n"}}}
		})
		s.after(20*time.Minute, func() {
			s.wants("my-app", "app iad started v2", "worker iad started v2 cordoned", "worker lhr started v2")
			s.world(func(w *draintest.World) {
				if lines := w.Lines("machine stop"); len(lines) != 2 {
					t.Errorf("not only blue's two are stopped: %v", lines)
				}
				image.Exec["jobs"] = draintest.ExecAnswer{Stdout: "0\n"}
			})
		})
		begun := time.Now()
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "worker lhr started v2")
		if took := time.Since(begun); took < 20*time.Minute {
			t.Errorf("done after %v", took)
		}
	})
}

// TestAProbeThatPanicsOrDoesNotReturnHoldsNothingUp has nobody else who counts.
func TestAProbeThatPanicsOrDoesNotReturnHoldsNothingUp(t *testing.T) {
	for why, count := range map[string]func(){
		"the probe panicked: boom (idle_test.go:":             func() { panic("boom") },
		"the probe did not answer: context deadline exceeded": func() { <-time.After(3 * time.Hour) },
	} {
		t.Run(why, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1")
				r.Deadline = time.Hour
				r.Probe = probe.Func(func(context.Context, *flyctl.Client, []flyctl.Machine) map[string]probe.Reading { count(); return nil })
				begun := time.Now()
				s.deploy(drain.ResultDraining, r)
				if took := time.Since(begun); took < time.Hour || took > 65*time.Minute {
					t.Errorf("done after %v", took)
				}
				s.wants("my-app", "app iad started v1 cordoned", "app iad started v2")
				if got := s.readings(""); len(got) != 1 || !strings.HasPrefix(got[0].Reading.Why(), why) {
					t.Errorf("it was told: %v", got)
				}
				if warned := s.of(drain.EventWarning); len(warned) != 1 || !strings.Contains(warned[0].Why, why) {
					t.Errorf("the check warned of: %v", warned)
				}
				ctx, cancel := context.WithTimeout(s.Context(), 10*time.Minute)
				defer cancel()
				next := s.again(r, "")
				next.Probe = r.Probe
				begun = time.Now()
				s.ended(drain.ResultDraining, next.Drain, ctx)
				if took := time.Since(begun); took > 10*time.Minute+7*time.Second {
					t.Errorf("it left after %v", took)
				}
				<-time.After(3 * time.Hour) // for what is left to itself
			})
		})
	}
}
