package drain_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestAPlanSaysWhatIsAtRestAndStopsIt(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:2")
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "stop", Machine: w.Live("my-app")[2].ID}) })
		<-time.After(10 * time.Second)
		plan, err := r.Plan(context.Background(), "deploy")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"#   1 of worker in iad of shared-cpu-1x:256MB: blue has 1, at rest: stopped as soon as it is created\n", "flyctl machine stop green3 --app my-app\n"} {
			if !strings.Contains(plan.Script(), line) {
				t.Errorf("no %q in\n%s", line, plan.Script())
			}
		}
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "worker iad started v2", "worker iad stopped v2")
	})
}

func TestAPlanChangesNothingAndAReleaseRunsWhatItSaid(t *testing.T) {
	for name, shapes := range map[string][]string{
		"one region":         {"app=iad:2", "worker=iad:1"},
		"three regions":      {"app=iad:2,lhr:1,nrt:3", "worker=iad:1"},
		"many machines":      {"app=iad:21"}, // of which flyctl cordons two by one command
		"not in the primary": {"app=iad:0,lhr:2", "worker=lhr:1"},
		"a new group":        {"app=iad:2", "worker=iad:0"},
		"an image, not made": {"app=iad:2", "worker=iad:1"},
		"a standby":          {"worker=iad:0,lhr:2", "app=iad:1"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", shapes...)
				r.Apps[0].Image = ""
				if name == "an image, not made" {
					r.Apps[0].Dir = s.dir(flyToml + "\n[build]\nimage = \"registry.fly.io/shared:v7\"\n")
				}
				s.world(func(w *draintest.World) {
					w.BuildTime = 5 * time.Second
					if live := w.Live("my-app"); name == "a standby" {
						live[0].Config.Standbys = []string{live[1].ID}
						w.Do(draintest.Action{Kind: "stop", Machine: live[0].ID})
					}
				})
				s.connect("my-app", "app", "", 4, 10*time.Minute)
				plan, err := r.Plan(context.Background(), "deploy")
				if err != nil {
					t.Fatal(err)
				}
				if n := s.changes(); n != 0 {
					t.Errorf("the plan ran %d commands that change something", n)
				}
				<-time.After(time.Second) // each keeps Fly's rate limit of one list a second, and no other's
				s.deploy(drain.ResultDone, r)
				s.ran(plan, 0)
			})
		})
	}
}

func TestARollbackAResumeAndADrainRunWhatTheirPlansSaid(t *testing.T) {
	for op, do := range map[string]func(drain.Release, context.Context) (drain.Report, error){
		"rollback": drain.Release.Rollback,
		"resume":   drain.Release.Resume,
		"drain":    drain.Release.Drain,
	} {
		t.Run(op, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
				s.connect("my-app", "app", "", 4, 10*time.Minute)
				s.deploy(drain.ResultDone, background(r))
				plan, err := r.Plan(s.Context(), op)
				if err != nil || len(commands(plan)) == 0 {
					t.Fatalf("%+v: %v", plan, err)
				}
				<-time.After(time.Second)
				before := s.changes()
				if report, err := do(*s.again(r, ""), s.Context()); report.Result != drain.ResultDone {
					t.Errorf("%s: %v", report, err)
				}
				s.ran(plan, before)
			})
		})
	}
}

// commands are those of all steps, in their order.
func commands(p drain.Plan) (all []drain.PlannedCommand) {
	for _, step := range p.Steps {
		all = append(all, step.Commands...)
	}
	return all
}

// ran compares a plan with the commands that changed something, after the first skip.
func (s *sim) ran(plan drain.Plan, skip int) {
	var want, got []string
	for _, c := range commands(plan) {
		want = append(want, strings.Join(c.Args, " "))
	}
	s.world(func(w *draintest.World) {
		for _, c := range w.Commands {
			switch c.Name {
			case "machine list", "machine exec", "version", "config show":
			default:
				got = append(got, c.String())
			}
		}
	})
	blue := append(slices.Clone(plan.Apps[0].Blue), plan.Apps[0].Draining...)
	want, got = withoutNewNames(want, blue), withoutNewNames(got[skip:], blue)
	if !slices.Equal(want, got) {
		s.Errorf("the plan said\n%s\nand the run did\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// withoutNewNames hides what a plan cannot know: the order of what runs side by
// side, and the names of what does not exist yet.
func withoutNewNames(commands, blue []string) []string {
	patterns := []struct{ pattern, name string }{
		{`green\d+`, "GREEN"},
		{`FLYDRAIN=\S+?/`, "FLYDRAIN=MARK/"},
		{`flydrain-\S+`, "LABEL"},
		{`registry\.fly\.io/my-app:LABEL`, "IMAGE"},
	}
	var out []string
	for _, c := range commands {
		for _, p := range patterns {
			c = regexp.MustCompile(p.pattern).ReplaceAllString(c, p.name)
		}
		c = regexp.MustCompile(`1781[0-9a-f]{10}`).ReplaceAllStringFunc(c, func(id string) string {
			if slices.Contains(blue, id) {
				return id
			}
			return "GREEN"
		})
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}
