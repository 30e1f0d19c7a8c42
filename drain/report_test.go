package drain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestTheLastLineSaysWhatIsLeftOrThatItIsUnknown(t *testing.T) {
	a, left := drain.AppReport{App: "a", Known: true}, drain.AppReport{App: "b", Known: true, Draining: []string{"one", "two"}}
	dark, many := drain.AppReport{App: "c"}, drain.AppReport{App: "d", Known: true, Draining: strings.Fields("1 2 3 4 5 6 7")}
	for _, c := range []struct {
		result drain.Result
		apps   []drain.AppReport
		want   string
	}{
		{drain.ResultFailed, nil, "failed: nothing was begun"},
		{drain.ResultDone, []drain.AppReport{a}, "done: a"},
		{drain.ResultDone, []drain.AppReport{a, left}, "done: a, b: the new release serves; as asked, old machines still drain: one two"},
		{drain.ResultDone, []drain.AppReport{dark}, "done: c: the new release serves; as asked, the old machines of c could not be listed"},
		{drain.ResultDraining, []drain.AppReport{left}, "draining: b: the new release serves; old machines still drain: one two"},
		{drain.ResultDraining, []drain.AppReport{many}, "draining: d: the new release serves; old machines still drain: 1 2 3 4 5 and 2 more"},
		{drain.ResultDraining, []drain.AppReport{dark}, "draining: c: the new release serves; the old machines of c could not be listed"},
		{drain.ResultDraining, []drain.AppReport{left, dark}, "draining: b, c: the new release serves; old machines still drain: one two; the old machines of c could not be listed"},
		{drain.ResultDraining, []drain.AppReport{a}, "draining: a: the new release serves; no old machine is left"},
		{drain.ResultLeft, []drain.AppReport{left}, "failed: b: the old release serves; machines of the new one are left, cordoned: one two"},
		{drain.ResultLeft, []drain.AppReport{dark}, "failed: c: the old release serves; it is not known what is left of the new one"},
	} {
		if got := (drain.Report{Result: c.result, Apps: c.apps}).String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for _, c := range []struct {
		result   drain.Result
		commands int
		want     string
	}{
		{drain.ResultPerson, 1, "a person is needed: a; next: a"},
		{drain.ResultPerson, 2, "a person is needed: a; next: choose among the 2 listed commands"},
		{drain.ResultDraining, 2, "draining: a: the new release serves; no old machine is left; next: a; then: b"},
		{drain.ResultDraining, 3, "draining: a: the new release serves; no old machine is left; next: run the 3 listed commands"},
	} {
		r := drain.Report{Result: c.result, Apps: []drain.AppReport{a}, Next: []string{"a", "b", "c"}[:c.commands]}
		if got := r.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestAFailureNamesOldMachinesThatSomebodyHasTakenAway(t *testing.T) {
	for kind, want := range map[string]string{
		"":        "failed: my-app: the old release serves as before, and nothing of the new one is left",
		"destroy": "failed: my-app: the old release serves, without machines that somebody has destroyed or cordoned (17810000000001), and nothing of the new one is left",
		"cordon":  "failed: my-app: the old release serves, without machines that somebody has destroyed or cordoned (17810000000001), and nothing of the new one is left",
	} {
		t.Run(kind, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // somebody else breaks it
				r := refused(s.app("my-app", "app=iad:2"))
				s.onEvent(r, drain.EventHeld, func(drain.Event) {
					s.world(func(w *draintest.World) {
						if kind != "" {
							w.Do(draintest.Action{Kind: kind, Machine: "17810000000001"})
						}
					})
				})
				if report := s.deploy(drain.ResultFailed, r); report.String() != want {
					t.Errorf("got  %s\nwant %s", report.String(), want)
				}
			})
		})
	}
}

// TestADrainThatEndsWhileListsFailDoesNotKnowWhatIsLeft is left by its context.
func TestADrainThatEndsWhileListsFailDoesNotKnowWhatIsLeft(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(1, func(int) time.Duration { return time.Hour })
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.after(10*time.Minute, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Status: 500, Message: "internal server error"})
			})
			cancel()
		})
		report := s.ended(drain.ResultDraining, r.Drain, ctx)
		if report.Apps[0].Known {
			t.Error(report.String())
		}
	})
}

// TestOfWhatCannotBeSeenNothingIsBegun has an unknown app, a token that has expired,
// and no flyctl that will do: another run would do no better. One app that can be seen is begun.
func TestOfWhatCannotBeSeenNothingIsBegun(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(1)
		nope := drain.New("nope")
		nope.Flyctl, nope.Apps[0].Dir = r.Flyctl, r.Apps[0].Dir
		without := s.again(r, "")
		without.Flyctl = func(context.Context, flyctl.Command) (flyctl.Result, error) {
			return flyctl.Result{ExitCode: -1}, fmt.Errorf("%w: no such file", flyctl.ErrNotInstalled)
		}
		for _, denied := range []struct {
			world func(*draintest.World)
			r     *drain.Release
			why   error
		}{
			{func(*draintest.World) {}, &nope, flyctl.ErrAppNotFound},
			{func(*draintest.World) {}, without, flyctl.ErrNotInstalled},
			{func(w *draintest.World) { w.NoAuth = true }, s.again(r, ""), flyctl.ErrUnauthorized},
			{func(w *draintest.World) { w.NoAuth, w.Version = false, "0.4.60" }, s.again(r, ""), flyctl.ErrTooOld},
		} {
			s.world(denied.world)
			r := denied.r
			for name, do := range map[string]func(context.Context) (drain.Report, error){"deploy": r.Deploy, "drain": r.Drain, "resume": r.Resume, "rollback": r.Rollback} {
				report, err := do(s.Context())
				if report.Result != drain.ResultFailed || !errors.Is(err, denied.why) || report.String() != "failed: nothing was begun" {
					t.Errorf("%s: %s: %v", name, report.String(), err)
				}
			}
		}
		s.world(func(w *draintest.World) { w.Version = "0.4.87" })
		report := s.ended(drain.ResultDraining, together(r, &nope).Drain, s.Context())
		if report.Apps[1].Known || len(report.Apps[0].Destroyed) != 1 {
			t.Errorf("%+v", report.Apps)
		}
	})
}

func TestMachinesThatHaveAppearedAreNamedAndNothingIsSaidToBeLeftOfNone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.world(func(w *draintest.World) {
			w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Unhealthy: true}
		})
		s.onPhase(r, drain.PhaseGate, func() {
			go func() {
				res, err := s.fly.Runner()(s.Context(), flyctl.Command{Args: strings.Fields("machine clone -a my-app --detach 17810000000001"), Env: []string{"DRAINTEST_OTHER=1"}})
				if err != nil || res.ExitCode != 0 {
					t.Errorf("%s, %v", res.Stderr, err)
				}
			}()
		})
		report, err := r.Deploy(s.Context())
		var appeared string
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if m.ID != "17810000000001" && m.ID != "17810000000002" {
					appeared += m.ID
				}
			}
		})
		want := "failed: my-app: the old release serves as before; machines have appeared since this run began, and it is not known whose they are: look at " + appeared
		if err == nil || report.Result != drain.ResultFailed || report.String() != want {
			t.Errorf("%v\n%s, want\n%s", err, report, want)
		}
	})
}

// TestAMachineThatMayBeGreenIsNamed has one of whose row no list says anything: the
// release has created it, and cannot know that.
func TestAMachineThatMayBeGreenIsNamedAndNothingIsSaidToBeLeftOfNone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		const green = "17810000000003"
		s.world(func(w *draintest.World) {
			w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Unhealthy: true}
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "no-config", Machine: green})
		})
		report, err := r.Deploy(s.Context())
		const want = "failed: my-app: the old release serves; it is not known what is left of the new one"
		if report.Result != drain.ResultLeft || !strings.HasPrefix(report.String(), want) {
			t.Errorf("%s", report)
		}
		if err == nil || !strings.Contains(err.Error(), green) {
			t.Errorf("it does not name %s: %v", green, err)
		}
	})
}

func TestReportsAndEventsInJSON(t *testing.T) {
	at := time.Date(2026, 7, 26, 12, 0, 0, 0, time.UTC)
	reading := probe.Known(3)
	for _, c := range []struct {
		value any
		want  string
	}{
		{drain.Report{Release: "r", Result: drain.ResultDraining, Why: "why", Next: []string{"next"}, Apps: []drain.AppReport{{
			App: "a", Image: "i", Blue: []string{"b"}, Green: []string{"g"}, Serving: []string{"s"}, Draining: []string{"d"},
			Destroyed: []string{"x"}, Cut: 2, CutUnknown: []string{"u"}, Known: true}}},
			`{"release":"r","result":"draining","why":"why","next":["next"],"apps":[{"app":"a","image":"i","blue":["b"],"green":["g"],"serving":["s"],"draining":["d"],"destroyed":["x"],"cut":2,"cut_unknown":["u"],"known":true}]}`},
		{drain.Event{Time: at, Kind: drain.EventDeadline, App: "a", Machine: "m", Group: "g", Region: "r", Reading: &reading, Limit: 20, Until: at, Took: 1500 * time.Millisecond, Why: "why"},
			`{"time":"2026-07-26T12:00:00Z","kind":"deadline","app":"a","machine":"m","group":"g","region":"r","reading":{"connections":3},"limit":20,"until":"2026-07-26T12:00:00Z","why":"why","took":1.5}`},
		{drain.Event{Time: at, Kind: drain.EventOutcome, Result: drain.ResultDone, Phase: drain.PhaseDrain},
			`{"time":"2026-07-26T12:00:00Z","kind":"outcome","phase":"drain","result":"done"}`},
	} {
		got, err := json.Marshal(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("got  %s\nwant %s (%v)", got, c.want, err)
		}
	}
}

// TestAReportHasListsWhereThereIsNothing has [] and not null in JSON.
func TestAReportHasListsWhereThereIsNothing(t *testing.T) {
	simulate(t, func(s *sim) {
		done := s.deploy(drain.ResultDone, s.app("my-app", "app=iad:1", "worker=iad:1"))
		wrong := drain.New("my-app")
		wrong.Settle = -1
		denied := drain.New("nope")
		denied.Flyctl = s.fly.Runner()
		for _, report := range []drain.Report{done, s.ended(drain.ResultUsage, wrong.Deploy, s.Context()), s.ended(drain.ResultFailed, denied.Drain, s.Context())} {
			text, err := json.Marshal(report)
			if err != nil || strings.Contains(string(text), "null") || !strings.Contains(string(text), `"apps":[`) {
				t.Errorf("%s: %v", text, err)
			}
		}
		if text, _ := json.Marshal(done); !strings.Contains(string(text), `"draining":[]`) {
			t.Errorf("%s", text)
		}
	})
}
