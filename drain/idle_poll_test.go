package drain_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// counts are the commands run so far, and the requests.
func (s *sim) counts(m *draintest.Metrics) (lists, execs, asked int) {
	s.world(func(w *draintest.World) {
		lists, execs = w.Counts["machine list"], w.Counts["machine exec"]
		if m != nil {
			asked = m.Asked
		}
	})
	return lists, execs, asked
}

func TestAPollIsOneListAndOneRoundOfProbes(t *testing.T) {
	t.Parallel()
	many := 20
	if long() {
		many = 200
	}
	var mu sync.Mutex
	polls := map[string]int{}
	t.Cleanup(func() { // when all have run
		if polls[fmt.Sprint("sockets", many)] > polls["sockets5"] || polls[fmt.Sprint("prometheus", many)] > polls["prometheus5"] || len(polls) != 4 {
			t.Errorf("more machines, more polls: %v", polls)
		}
	})
	for _, n := range []int{5, many} {
		for _, by := range []string{"sockets", "prometheus"} {
			t.Run(fmt.Sprintf("%s of %d machines", by, n), func(t *testing.T) {
				simulate(t, func(s *sim) {
					r := s.draining(n, func(int) time.Duration { return 30 * time.Hour })
					var m *draintest.Metrics
					if by == "prometheus" {
						m, r.Probe = s.metrics()
					}
					ctx, cancel := context.WithTimeout(s.Context(), 20*time.Minute)
					defer cancel()
					err := run(r.Steps(ctx).AwaitIdle, s.ids("v1")...)
					if err == nil {
						t.Error("nobody was connected")
					}
					lists, execs, asked := s.counts(m)
					switch {
					case by == "sockets" && (execs > n*lists || execs < lists || asked != 0):
						t.Errorf("%d lists, %d execs", lists, execs)
					case by == "prometheus" && (asked > lists || asked < lists-1 || execs != 0):
						t.Errorf("%d lists, %d requests, %d execs", lists, asked, execs)
					}
					mu.Lock()
					polls[fmt.Sprint(by, n)] = lists
					mu.Unlock()
					s.world(func(w *draintest.World) {
						if w.Most["machine exec"] > 16 || w.Most["machine list"] > 1 {
							t.Errorf("side by side: %v", w.Most)
						}
					})
				})
			})
		}
	}
}

// TestPollsBecomeFewerUntilACountChanges has one machine, whose connections stay, but for one.
func TestPollsBecomeFewerUntilACountChanges(t *testing.T) {
	simulate(t, func(s *sim) {
		stays := func(int) time.Duration { return 30 * time.Hour }
		r := s.draining(1, stays, stays)
		ctx, cancel := context.WithCancel(s.Context())
		go func() { _ = run(r.Steps(ctx).AwaitIdle, s.ids("v1")...) }()
		polls := func(least, most int, while time.Duration) {
			t.Helper()
			before, _, _ := s.counts(nil)
			<-time.After(while)
			if after, _, _ := s.counts(nil); after-before < least || after-before > most {
				t.Errorf("%d polls in %v", after-before, while)
			}
		}
		polls(4, 5, time.Minute) // at 0, 5, 15 and 35 s
		polls(18, 21, 20*time.Minute)
		s.world(func(w *draintest.World) { w.HangUp(idsOf(w, "v1")[0], 1) })
		polls(5, 7, 3*time.Minute)
		polls(18, 21, 20*time.Minute)
		cancel()
		synctest.Wait()
	})
}

func TestNothingIsAskedOfAMachineThatHasGone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(3, func(i int) time.Duration { return time.Duration(10*i)*time.Minute + time.Second })
		s.world(func(w *draintest.World) {
			w.LogSize = 10000
			w.Apps["my-app"].ExitDelay = 5 * time.Second
		})
		gone := map[string]time.Time{}
		listen := r.Events
		r.Events = func(e drain.Event) {
			listen(e)
			if _, told := gone[e.Machine]; e.Kind == drain.EventIdle && !told {
				gone[e.Machine] = e.Time
			}
		}
		s.ended(drain.ResultDone, r.Drain, s.Context())
		s.world(func(w *draintest.World) {
			for _, ran := range w.Commands {
				if ran.Name == "machine exec" && ran.Start.After(gone[ran.Args[2]]) {
					t.Errorf("%s was idle at %v, and asked at %v", ran.Args[2], gone[ran.Args[2]], ran.Start)
				}
			}
		})
		if len(gone) != 3 {
			t.Errorf("%d are gone", len(gone))
		}
	})
}

// TestADrainOutlivesAnOutage has an API that fails for a quarter of an hour, in one
// way or another, while the last connection ends.
func TestADrainOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]draintest.Fault{
		"lists fail":                 {Command: "machine list", Status: 500, Message: "internal server error"},
		"lists fail, and nobody why": {Command: "machine list", Exit: 1},
		"lists are cut off":          {Command: "machine list", Cut: true, Keep: 300},
		"lists are refused":          {Command: "machine list", Status: 429, Message: "rate limit exceeded"},
		"execs fail":                 {Command: "machine exec", Status: 500, Message: "internal server error"},
		"execs hang":                 {Command: "machine exec", Hang: true},
		"all fails":                  {Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.draining(3, func(i int) time.Duration { return time.Duration(7*i+1) * time.Minute })
				s.after(5*time.Minute, func() { s.world(func(w *draintest.World) { w.Faults = append(w.Faults, &f) }) })
				s.after(20*time.Minute, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
				begun := time.Now()
				s.ended(drain.ResultDone, r.Drain, s.Context())
				s.wants("my-app", "app iad started v2")
				if took := time.Since(begun); took < 20*time.Minute || took > 30*time.Minute {
					t.Errorf("done after %v", took)
				}
				if n := len(s.of(drain.EventWarning)); strings.HasPrefix(name, "lists") && n != 1 {
					t.Errorf("%d warnings: %v", n, s.of(drain.EventWarning))
				}
			})
		})
	}
}

// TestAListThatIsShortForAWhileEndsNoDrain lacks all machines, or those of a region with
// the new ones that serve there.
func TestAListThatIsShortForAWhileEndsNoDrain(t *testing.T) {
	for name, c := range map[string]struct {
		view  string
		lasts time.Duration
	}{
		"empty":            {"empty", 12 * time.Minute},
		"without a region": {"short", 9 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1")
				s.connect("my-app", "app", "iad", 2, 20*time.Minute)
				s.after(5*time.Minute, func() {
					s.world(func(w *draintest.World) {
						w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: c.view, Region: "iad"})
					})
				})
				s.after(5*time.Minute+c.lasts, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", "app iad started v2", "app iad started v2", "app lhr started v2")
				if gone, idle := s.of(drain.EventDisappeared), s.of(drain.EventIdle); len(gone) > 0 || len(idle) != 3 {
					t.Errorf("%d have disappeared, %d were idle", len(gone), len(idle))
				}
			})
		})
	}
}

func TestWhatTimeDoesNotMendEndsADrain(t *testing.T) {
	for name, drains := range map[string]func(ctx context.Context, r *drain.Release, ids []string) error{
		"a release's": func(ctx context.Context, r *drain.Release, _ []string) error { _, err := r.Drain(ctx); return err },
		"a pipe's": func(ctx context.Context, r *drain.Release, ids []string) error {
			return run(r.Steps(ctx).AwaitIdle, ids...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.draining(1, func(i int) time.Duration { return time.Hour })
				s.after(10*time.Minute, func() { s.world(func(w *draintest.World) { w.NoAuth = true }) })
				begun := time.Now()
				ctx, cancel := context.WithTimeout(s.Context(), time.Hour)
				defer cancel()
				err := drains(ctx, r, s.ids("v1"))
				if took := time.Since(begun); !errors.Is(err, flyctl.ErrUnauthorized) || took < 10*time.Minute || took > 12*time.Minute {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}

// TestOneMachineThatHangsDoesNotKeepTheOthers has a machine that never answers.
func TestOneMachineThatHangsDoesNotKeepTheOthers(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(20, func(i int) time.Duration { return 10 * time.Minute })
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine exec", Machine: w.Live("my-app")[0].ID, Hang: true})
		})
		begun := time.Now()
		s.after(20*time.Minute, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
		s.ended(drain.ResultDone, r.Drain, s.Context())
		idle := s.of(drain.EventIdle)
		if took := idle[18].Time.Sub(begun); took > 13*time.Minute {
			t.Errorf("all but one were idle after %v", took)
		}
		if i := slices.IndexFunc(s.readings(idle[19].Machine), func(e drain.Event) bool { return e.Reading.Why() == "no answer in 20s from cat" }); i < 0 {
			t.Error("nobody was told why it was unknown")
		}
	})
}

func TestManyIDsShareTheFirstPolls(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(200)
		begun := time.Now()
		if err := run(r.Steps(s.Context()).AwaitIdle, s.ids("v1")...); err != nil {
			t.Error(err)
		}
		if lists, _, _ := s.counts(nil); lists > 4 || time.Since(begun) > time.Minute {
			t.Errorf("%d lists in %v", lists, time.Since(begun))
		}
	})
}

// TestAThousandMachinesThatDrainForADayAllGoInTime counts their connections every some minutes, a
// list of all of them each time.
func TestAThousandMachinesThatDrainForADayAllGoInTime(t *testing.T) {
	t.Parallel()
	n, day := 50, time.Hour
	if long() {
		n, day = 1000, 24*time.Hour
	}
	// Most connections end within the hour, those of a hundred machines at a time, as
	// each time takes some lists of all machines; those of the last five after 24.
	lives := func(share float64) func(int) time.Duration {
		return func(i int) time.Duration {
			life := time.Duration(i/100+1) * 5 * time.Minute
			if i >= n-5 {
				life = day
			}
			return time.Duration(share * float64(life))
		}
	}
	for _, by := range []string{"sockets", "prometheus"} {
		t.Run(by, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.draining(n, lives(1), lives(0.9), lives(0.5), lives(0.1))
				var m *draintest.Metrics
				if by == "prometheus" {
					m, r.Probe = s.metrics()
				}
				var heap uint64
				polls, live := 0, []metrics.Sample{{Name: "/gc/heap/live:bytes"}} // without garbage, which GOGC decides
				r.Events = func(e drain.Event) {
					if polls++; polls%100 == 0 {
						metrics.Read(live)
						heap = max(heap, live[0].Value.Uint64())
					}
				}
				begun := time.Now()
				report := s.ended(drain.ResultDone, r.Drain, s.Context())
				s.wants("my-app", "app iad started v2")
				if took := time.Since(begun); took < day || took > day+3*time.Minute {
					t.Errorf("done after %v", took)
				}
				if len(report.Apps[0].Destroyed) != n {
					t.Errorf("%d are gone", len(report.Apps[0].Destroyed))
				}
				if heap > 250<<20 { // of all tests that run side by side
					t.Errorf("%d MB of memory", heap>>20)
				}
				lists, execs, asked := s.counts(m)
				t.Logf("%d lists, %d execs, %d requests, %d MB", lists, execs, asked, heap>>20)
			})
		})
	}
}

// TestMachinesThatHangDoNotKeepOthersFromBeingAsked has so many that hang that
// they use up the time of each poll.
func TestMachinesThatHangDoNotKeepOthersFromBeingAsked(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(60)
		s.world(func(w *draintest.World) {
			w.LimitsOff = true
			for _, m := range w.Live("my-app")[:48] {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine exec", Machine: m.ID, Hang: true})
			}
		})
		ctx, cancel := context.WithTimeout(s.Context(), 20*time.Minute)
		defer cancel()
		report, err := r.Drain(ctx)
		if n := len(report.Apps[0].Destroyed); n != 12 {
			t.Errorf("%d of 12 idle machines are gone after 20 min: %v", n, err)
		}
	})
}
