package drain_test

import (
	"context"
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestTheNextCommandsDoWhatTheLastLineSays has each way to end. It runs the commands
// that the last line names, as they are written, and looks at what is there then.
func TestTheNextCommandsDoWhatTheLastLineSays(t *testing.T) {
	twoServe := func(s *sim) *drain.Release {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 1, 0, "v1")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 1, 0, "v2")
		<-time.After(12 * time.Minute)
		return r
	}
	for name, c := range map[string]struct {
		run  func(s *sim) (*drain.Release, drain.Report)
		next string // the commands
		then string // what serves when they have run
	}{
		"done": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.app("my-app", "app=iad:1", "worker=iad:1")
			return r, s.deploy(drain.ResultDone, r)
		}, "", "v2 v2"},
		"done in the background": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.flags(s.apps(2, "app=iad:1", "worker=iad:1"), "-app", "app-0", "-app", "app-1", "-background", "-settle", "20s")
			return r, s.deploy(drain.ResultDone, r)
		}, "deploy -app app-0 -app app-1 -drain", "v2 v2 v2 v2"},
		"failed, and nothing is left": {func(s *sim) (*drain.Release, drain.Report) {
			r := refused(s.app("my-app", "app=iad:1", "worker=iad:1"))
			return r, s.deploy(drain.ResultFailed, r)
		}, "", "v1 v1"},
		"a deadline": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.flags(s.app("my-app", "app=iad:1", "worker=iad:1"), "-app", "my-app", "-deadline", "1m", "-probe", "sockets")
			s.connect("my-app", "app", "iad", 1, 2*time.Hour)
			return r, s.deploy(drain.ResultDraining, r)
		}, "deploy -app my-app -drain", "v2 v2"},
		"a part of an unfinished release is resumed": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.apps(2)
			s.generation("app-0", "", 0, 1, 1, "v1")
			s.generation("app-0", newer+"/2/1/app-0/app-1", 11*time.Minute, 1, 1, "v2")
			<-time.After(12 * time.Minute)
			r.Apps = r.Apps[:1]
			return r, s.ended(drain.ResultFailed, r.Resume, s.Context())
		}, "", "v1 v2"},
		"nothing to roll back to": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.app("my-app", "app=iad:1", "worker=iad:1")
			return r, s.ended(drain.ResultFailed, r.Rollback, s.Context())
		}, "", "v1 v1"},
		"the lists fail": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.app("my-app", "app=iad:1", "worker=iad:1")
			ctx, cancel := context.WithCancel(s.Context())
			s.onPhase(r, drain.PhaseDrain, func() {
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Status: 500, Message: "internal server error"})
				})
				s.after(time.Minute, cancel)
			})
			report := s.ended(drain.ResultDraining, r.Deploy, ctx)
			s.world(func(w *draintest.World) { w.Faults = nil })
			return r, report
		}, "deploy -app my-app -drain", "v2 v2"},
		"taken back": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.app("my-app", "app=iad:1", "worker=iad:1")
			s.connect("my-app", "app", "iad", 1, 2*time.Hour)
			s.onEvent(r, drain.EventCordoned, func(drain.Event) {
				s.world(func(w *draintest.World) {
					w.At(w.Now.Add(time.Minute), draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
				})
			})
			return r, s.deploy(drain.ResultDraining, r)
		}, "deploy -app my-app -resume", "v2 v2"},
		"left": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.app("my-app", "app=iad:1", "worker=iad:1")
			s.world(func(w *draintest.World) { w.Faults = append(w.Faults, s.hangs()) })
			report := s.ended(drain.ResultLeft, r.Deploy, s.interruptedInTheMaking())
			<-time.After(time.Second)
			return r, report
		}, "deploy -app my-app -resume", "v1 v1"},
		"a host dies in the drain": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.flags(s.app("my-app", "app=iad:1", "worker=iad:1"), "-app", "my-app", "-deadline", "2m")
			s.connect("my-app", "app", "iad", 1, 10*time.Minute)
			host := func(kind string) {
				s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: kind, Machine: "17810000000001"}) })
			}
			s.onPhase(r, drain.PhaseDrain, func() { s.after(time.Minute, func() { host("unreachable") }) })
			report := s.deploy(drain.ResultDraining, r)
			host("reachable")
			return r, report
		}, "deploy -app my-app -drain", "v2 v2"},
		"a host dies before the cutover": {func(s *sim) (*drain.Release, drain.Report) {
			r, host := losesAHost(s)
			r.Background = false
			report := s.deploy(drain.ResultDraining, r)
			host("reachable")
			return r, report
		}, "deploy -app my-app -resume", "v2 v2 v2"},
		"a host dies before the cutover in the background": {func(s *sim) (*drain.Release, drain.Report) {
			r, host := losesAHost(s)
			report := s.deploy(drain.ResultDone, r)
			host("reachable")
			return r, report
		}, "deploy -app my-app -resume", "v2 v2 v2"},
		"a drain finds a host that died before the cutover": {func(s *sim) (*drain.Release, drain.Report) {
			r, host := losesAHost(s)
			s.deploy(drain.ResultDone, r)
			host("reachable")
			return r, s.ended(drain.ResultDraining, s.again(r, "").Drain, s.Context())
		}, "deploy -app my-app -resume", "v2 v2 v2"},
		"cordons are forbidden": {func(s *sim) (*drain.Release, drain.Report) {
			r := s.app("my-app", "app=iad:1", "worker=iad:1")
			s.allow("S5") // nobody could hold green
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine cordon", Status: 403, Message: "not authorized"})
			})
			report := s.deploy(drain.ResultPerson, r)
			s.world(func(w *draintest.World) { w.Faults = nil })
			return r, report
		}, "fly machine cordon -a my-app 17810000000003 17810000000004", "v1 v1"},
		"a person": {func(s *sim) (*drain.Release, drain.Report) {
			r := twoServe(s)
			return r, s.ended(drain.ResultPerson, r.Resume, s.Context())
		}, `fly machine uncordon -a my-app 17810000000002  # release ` + newer + "\n" +
			`fly machine uncordon -a my-app 17810000000001  # release not by flydrain`, "v2"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r, report := c.run(s)
				if got := strings.Join(report.Next, "\n"); got != c.next {
					t.Errorf("got\n%s\nwant\n%s", got, c.next)
				}
				code := map[drain.Result]int{drain.ResultDone: 0, drain.ResultFailed: 1, drain.ResultUsage: 2, drain.ResultDraining: 3, drain.ResultLeft: 4, drain.ResultPerson: 5}
				if report.ExitCode() != code[report.Result] || (report.Why == "") != (report.Result == drain.ResultDone) || strings.Contains(report.Why, "\n") {
					t.Errorf("%s: exit code %d: %q", report.Result, report.ExitCode(), report.Why)
				}
				_, named, _ := strings.Cut(report.String(), "; next: ")
				commands := strings.Split(named, "; then: ")
				if report.Result == drain.ResultPerson { // who chooses the first
					commands = report.Next[:1]
				}
				for _, command := range commands {
					if command != "" {
						s.obey(r, command)
					}
				}
				var images []string
				s.world(func(w *draintest.World) {
					for _, app := range r.Apps {
						for _, m := range w.Live(app.Name) {
							if !m.Cordoned {
								images = append(images, m.Config.Image[strings.LastIndex(m.Config.Image, ":")+1:])
							} else if report.Result != drain.ResultPerson {
								t.Errorf("machine %s is left, cordoned", m.ID)
							}
						}
					}
				})
				if slices.Sort(images); strings.Join(images, " ") != c.then {
					t.Errorf("then %v serve, want %s", images, c.then)
				}
			})
		})
	}
}

// losesAHost returns a release in the background of which a host of blue dies before the
// cutover, and what does that to the host, or undoes it.
func losesAHost(s *sim) (r *drain.Release, host func(kind string)) {
	r = background(s.app("my-app", "app=iad:2", "worker=iad:1"))
	host = func(kind string) {
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: kind, Machine: "17810000000001"}) })
	}
	s.onPhase(r, drain.PhaseGate, func() { host("unreachable") })
	return r, host
}

// flags returns a release of the same apps with the settings of a command line.
func (s *sim) flags(of *drain.Release, args ...string) *drain.Release {
	r, _ := s.parse(of, args)
	return r
}

// parse does what examples/deploy does with its arguments.
func (s *sim) parse(of *drain.Release, args []string) (r *drain.Release, op string) {
	s.Helper()
	r = &drain.Release{Flyctl: of.Flyctl, Events: of.Events}
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	apply := r.Flags(fs)
	modes := map[string]*bool{}
	for _, op := range []string{"drain", "resume", "rollback"} {
		modes[op] = fs.Bool(op, false, "")
	}
	if err := errors.Join(fs.Parse(args), apply(nil)); err != nil {
		s.Fatalf("%q: %v", args, err)
	}
	op = "deploy"
	for mode, on := range modes {
		if *on {
			op = mode
		}
	}
	for i := range r.Apps {
		r.Apps[i].Dir, r.Apps[i].Image = of.Apps[i].Dir, of.Apps[i].Image
	}
	return r, op
}

// obey runs a command of a last line, which has to end well.
func (s *sim) obey(of *drain.Release, command string) {
	s.Helper()
	command, _, _ = strings.Cut(command, "  #")
	words := strings.Fields(command)
	if words[0] == "fly" {
		if res, err := of.Flyctl(s.Context(), flyctl.Command{Args: words[1:]}); err != nil || res.ExitCode != 0 {
			s.Errorf("%s: exit code %d, %v", command, res.ExitCode, err)
		}
		return
	}
	r, op := s.parse(of, words[1:])
	do := map[string]func(context.Context) (drain.Report, error){"deploy": r.Deploy, "drain": r.Drain, "resume": r.Resume, "rollback": r.Rollback}[op]
	s.ended(drain.ResultDone, do, s.Context())
}

// hangs is a deploy that makes its machine and does not end.
func (s *sim) hangs() *draintest.Fault {
	return &draintest.Fault{Command: "deploy", Call: "create", Hang: true, AfterEffect: true, Times: 1}
}

// interruptedInTheMaking ends while such a deploy hangs.
func (s *sim) interruptedInTheMaking() context.Context {
	ctx, cancel := context.WithCancel(s.Context())
	s.after(8*time.Second, cancel)
	return ctx
}
