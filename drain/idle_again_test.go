package drain_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
)

// What was idle once need not be so for ever.

func TestAnIdleMachineThatCouldNotBeDestroyedIsLookedAtAgain(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		listen := r.Events
		var once sync.Once
		r.Events = func(e drain.Event) {
			listen(e)
			if e.Kind != drain.EventIdle || e.Group != "app" {
				return
			}
			once.Do(func() {
				do := func(kind string) func() {
					return func() { s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: kind, Machine: e.Machine}) }) }
				}
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine stop", Machine: e.Machine, Status: 500})
				})
				const refused = 4*time.Minute + 30*time.Second // for longer than a stop is tried again
				s.after(refused, do("uncordon"))
				s.after(refused+6*time.Second, func() { s.connect("my-app", "app", "iad", 9, 3*time.Hour) })
				s.after(refused+12*time.Second, do("cordon"))
				s.after(refused+18*time.Second, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
			})
		}
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}

// TestTheSettleTimeIsOfTheLastCordon has a machine taken back for six seconds.
func TestTheSettleTimeIsOfTheLastCordon(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1") // by the cordon of one of few
		r := s.app("my-app", "app=iad:2")
		id := s.ids("v1")[0]
		s.connect("my-app", "app", "iad", 2, 10*time.Minute)
		steps := r.Steps(s.Context())
		if err := run(steps.Cordon, id); err != nil {
			t.Fatal(err)
		}
		var last time.Time
		s.after(20*time.Second, func() {
			if err := run(steps.Uncordon, id); err != nil {
				t.Error(err)
			}
			s.after(6*time.Second, func() {
				if err := run(steps.Cordon, id); err != nil {
					t.Error(err)
				}
				last = time.Now()
				s.world(func(w *draintest.World) { w.HangUp(id, 1) })
			})
		})
		if err := run(steps.AwaitIdle, id); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(last); d < 10*time.Second {
			t.Errorf("idle %v after its last cordon", d)
		}
	}) // one of two is cordoned
}

// TestAStoppedMachineIsNotIdleWhileAProxyMayStartIt has one that the proxy has
// stopped, and may start for a client as long as it does not know of its cordon.
func TestAStoppedMachineIsNotIdleWhileAProxyMayStartIt(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1") // by the cordon of one of few
		r := s.app("my-app", "app=iad:2")
		id := s.ids("v1")[0]
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "autostop", Machine: id}) })
		begun := time.Now()
		steps := r.Steps(s.Context())
		if err := errors.Join(run(steps.Cordon, id), run(steps.AwaitIdle, id)); err != nil || time.Since(begun) < 10*time.Second {
			t.Errorf("idle %v after its cordon: %v", time.Since(begun), err)
		}
	})
}

// TestForceNeedsAFreshList has a machine that has come up since the list by which it was idle.
func TestForceNeedsAFreshList(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1", "S4") // by the cordon of one of few
		r := s.app("my-app", "app=iad:1")
		var id string
		s.world(func(w *draintest.World) {
			m := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v1")
			m.State, m.Passing = "created", false
			id = m.ID
		})
		steps := r.Steps(s.Context())
		if err := errors.Join(run(steps.Cordon, id), run(steps.AwaitIdle, id)); err != nil {
			t.Fatal(err)
		}
		s.world(func(w *draintest.World) { w.Machine(id).State = "started" })
		if err := run(steps.Destroy, id); err != nil {
			t.Error(err)
		}
		s.world(func(w *draintest.World) {
			if lines := w.Lines("machine destroy"); len(lines) != 1 || strings.Contains(lines[0], "--force") {
				t.Errorf("a machine that runs was destroyed by %q", lines)
			}
		})
	})
}

// TestADeadlineBetweenTwoIdleReadings does not keep what nobody is connected to.
func TestADeadlineBetweenTwoIdleReadings(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(1, func(int) time.Duration { return time.Hour - 10*time.Second })
		r.Deadline = time.Hour
		steps := r.Steps(s.Context())
		if err := run(steps.AwaitIdle, s.ids("v1")...); err != nil {
			t.Error(err)
		}
	})
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

// TestOneSampleDoesNotConfirmItself has metrics whose clock is ahead, and one
// sample only: asked for later it is no other.
func TestOneSampleDoesNotConfirmItself(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(1)
		r.Settle, r.Poll = drain.None, time.Second
		id := s.ids("v1")[0]
		taken, ahead := time.Now().Add(2*time.Second), 4*time.Second
		r.Probe = probe.Prometheus{URL: "http://localhost", Client: &http.Client{Transport: transport(func(*http.Request) *http.Response {
			body := `{"status":"success","data":{"resultType":"matrix","result":[]}}`
			if !time.Now().Before(taken) {
				body = fmt.Sprintf(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"instance":%q,"proxy_id":"a"},"values":[[%d,"0"]]}]}}`, id, taken.Add(ahead).Unix())
			}
			return &http.Response{StatusCode: 200, Header: http.Header{"Date": {time.Now().Add(ahead).UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body))}
		})}}
		ctx, cancel := context.WithTimeout(s.Context(), 5*time.Minute)
		defer cancel()
		if err := run(r.Steps(ctx).AwaitIdle, id); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("idle by one sample: %v", err)
		}
	})
}

type transport func(*http.Request) *http.Response

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// TestAutostopLooksAtWhatIs has what Autostop must not take for idle.
func TestAutostopLooksAtWhatIs(t *testing.T) {
	for name, c := range map[string]struct {
		group string
		probe func(*sim, *drain.Release)
	}{
		"a sample of before the connection came": {"app", func(s *sim, r *drain.Release) {
			_, r.Probe = s.metrics()
			time.Sleep(16 * time.Second) // just after a scrape
			s.connect("my-app", "app", "iad", 2, time.Hour)
		}},
		"a worker with jobs in hand": {"worker", func(s *sim, r *drain.Release) {
			r.WorkerProbe = probe.Exec{Command: "jobs"}
			s.world(func(w *draintest.World) {
				w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{"jobs": {Stdout: "3\n"}}}
			})
		}},
		"a connection that comes before proxies know of the cordon": {"app", func(s *sim, r *drain.Release) {
			onEvent(r, drain.EventCordoned, func(drain.Event) {
				s.after(4*time.Second, func() { s.connect("my-app", "app", "iad", 2, time.Hour) })
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // by the cordon of one of few
				r := s.app("my-app", "app=iad:2", "worker=iad:2")
				c.probe(s, r)
				var id string
				s.world(func(w *draintest.World) {
					for _, m := range w.Live("my-app") {
						if m.Group() == c.group {
							id = m.ID
						}
					}
				})
				steps := r.Steps(s.Context())
				if err := run(steps.Cordon, id); err != nil {
					t.Fatal(err)
				}
				if err := run(steps.Autostop, id); err == nil {
					t.Error("its VM was replaced")
				}
			})
		})
	}
}
