package drain_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// loses has the host of the machine of a region that drains die, and returns its id.
func (s *sim) loses(region string) (old string) {
	s.world(func(w *draintest.World) {
		w.CutsAllowed = true
		for _, m := range w.Live("my-app") {
			if m.Cordoned && m.Region == region {
				old = m.ID
				w.Do(draintest.Action{Kind: "unreachable", Machine: m.ID})
			}
		}
	})
	return old
}

// TestAMachineWhoseHostDiedBeforeARunIsNamedOrGoesAfterItsDeadline has an old machine; a run has never seen a
// whole row. It is destroyed after its deadline, which the list dates, if machines are
// to be stopped then; else it is named. A plan ends as the run does.
func TestAMachineWhoseHostDiedBeforeARunIsNamedOrGoesAfterItsDeadline(t *testing.T) {
	for name, c := range map[string]struct {
		then  drain.AtDeadline
		waits time.Duration // before the later run
		least time.Duration
		what  string
	}{
		"a drain":                     {drain.StopMachine, 0, 20 * time.Minute, "drain"},
		"a drain after its deadline":  {drain.StopMachine, 2 * time.Hour, 10 * time.Second, "drain"},
		"a resume after its deadline": {drain.StopMachine, 2 * time.Hour, 10 * time.Second, "resume"},
		"a deploy after its deadline": {drain.StopMachine, 2 * time.Hour, 10 * time.Second, "deploy"},
		"where machines are kept":     {drain.KeepMachine, 2 * time.Hour, 0, "drain"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1")
				s.connect("my-app", "app", "iad", 1, 100*time.Hour)
				s.ended(drain.ResultDone, background(r).Deploy, s.Context())
				old := s.loses("iad")
				<-time.After(c.waits)
				later := s.again(r, "v3")
				later.Deadline, later.AtDeadline, later.AllowUnreachable = 20*time.Minute, c.then, true
				plan, err := later.Plan(s.Context(), c.what)
				if err == nil || !strings.Contains(err.Error(), old) {
					t.Errorf("the plan ends with %v: %+v", err, plan.Steps)
				}
				begun := time.Now()
				does := map[string]func(context.Context) (drain.Report, error){"drain": later.Drain, "resume": later.Resume, "deploy": later.Deploy}
				report := s.ended(drain.ResultDraining, does[c.what], s.Context())
				if took := time.Since(begun); took < c.least || took > c.least+10*time.Minute {
					t.Errorf("it took %v", took)
				}
				given := slices.Equal(report.Apps[0].CutUnknown, []string{old})
				if given != (c.then == drain.StopMachine) || !strings.Contains(report.String(), old) {
					t.Errorf("%+v", report)
				}
				s.destroyed(old, given)
			})
		})
	}
}

// destroyed has a host answer again, and wants its machine to be gone then, or not.
func (s *sim) destroyed(id string, want bool) {
	s.Helper()
	s.world(func(w *draintest.World) {
		w.Do(draintest.Action{Kind: "reachable", Machine: id})
		if gone := w.Machine(id) == nil || !w.Machine(id).Gone.IsZero(); gone != want {
			s.Errorf("machine %s is gone: %v", id, gone)
		}
		w.Account.Cut = 0
	})
}

// TestAMachineOnADeadHostDoesNotWaitForItsRelease has another one of its release that is
// kept, because nothing else serves in its region.
func TestAMachineOnADeadHostDoesNotWaitForItsRelease(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1,lhr:1")
		s.connect("my-app", "app", "iad", 1, 100*time.Hour)
		s.ended(drain.ResultDone, background(r).Deploy, s.Context())
		old := s.loses("iad")
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if !m.Cordoned && m.Region == "lhr" {
					w.Do(draintest.Action{Kind: "sick", Machine: m.ID})
				}
			}
		})
		later := s.again(r, "")
		later.Deadline, later.AtDeadline = 20*time.Minute, drain.StopMachine
		s.ended(drain.ResultPerson, later.Drain, s.Context())
		s.destroyed(old, true)
	})
}

// TestAHostThatDiesDuringTheDrainIsNamedAndDestroyedAtTheDeadline has machines whose host dies: one is never waited for
// without being named, and after the deadline Fly is asked to destroy it.
func TestAHostThatDiesDuringTheDrainIsNamedAndDestroyedAtTheDeadline(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		r.Deadline, r.AtDeadline = 10*time.Minute, drain.StopMachine
		s.world(func(w *draintest.World) { w.CutsAllowed = true })
		s.connect("my-app", "app", "iad", 2, 10*time.Hour)
		dead := ""
		s.onEvent(r, drain.EventConnections, func(e drain.Event) {
			dead = e.Machine
			s.after(0, func() {
				s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "unreachable", Machine: dead}) })
			})
		})
		begun := time.Now()
		report := s.deploy(drain.ResultDraining, r)
		if took := time.Since(begun); took < 10*time.Minute || took > 15*time.Minute {
			t.Errorf("it took %v", took)
		}
		if a := report.Apps[0]; len(a.Destroyed) != 2 || a.Cut != 1 || !slices.Equal(a.CutUnknown, []string{dead}) {
			t.Errorf("%+v", a)
		}
		said := ""
		for _, e := range s.of(drain.EventWarning) {
			said += e.Why + "\n"
		}
		for _, want := range []string{"it is unknown whether machine " + dead + " is idle", "machine " + dead + " is to be destroyed, and Fly cannot reach its host"} {
			if strings.Count(said, want) != 1 {
				t.Errorf("not once %q in:\n%s", want, said)
			}
		}
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "reachable", Machine: dead}) })
		s.wants("my-app", "app iad started v2", "app iad started v2")
		s.world(func(w *draintest.World) { w.Account.Cut = 0 })
	})
}
