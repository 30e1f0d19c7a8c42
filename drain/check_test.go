package drain_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// foreseen are things that the check finds before anything is created: some of those
// that package check tests, as a user meets them.
var foreseen = []struct {
	what    string
	toml    string // in place of flyToml
	world   func(w *draintest.World)
	release func(r *drain.Release)
	refuses string // else it warns
	warns   string
}{
	{what: "a UDP service, with a deadline that stops", toml: flyToml + udpService,
		release: func(r *drain.Release) { r.Deadline, r.AtDeadline = 1, drain.StopMachine }, warns: ""},
	{what: "a UDP service, to be stopped at a deadline that there is not", toml: flyToml + udpService,
		release: func(r *drain.Release) { r.AtDeadline = drain.StopMachine }, refuses: "its machines would drain for ever"},
	{what: "a primary region of the arguments", release: func(r *drain.Release) { r.Apps[0].Args = []string{"--primary-region", "lhr"} }, warns: "in the primary region, lhr, where blue has none"},
	{what: "one in place of another", toml: strings.Replace(flyToml, `"iad"`, `"lhr"`, 1), release: func(r *drain.Release) {
		r.Apps[0].Args = []string{"--primary-region", "lhr", "--primary-region=iad"}
	}, warns: ""},
	{what: "an unmanaged machine on the same port", world: func(w *draintest.World) {
		m, other := w.Live("my-app")[0], w.AddMachine("my-app", "", "iad", "registry.fly.io/other:v1")
		data := []byte(`{"services": [{"internal_port": 9000, "ports": [{"port": 443}]}]}`)
		if err := json.Unmarshal(data, &other.Config); err != nil || len(m.Config.Services[0].Ports) == 0 {
			panic("no port")
		}
	}, warns: "has a service on port 443 too"},
	{what: "a machine that somebody has cordoned", world: func(w *draintest.World) {
		w.Do(draintest.Action{Kind: "cordon", Machine: w.Live("my-app")[0].ID})
	}, warns: "so capacity shrinks; to keep it: fly machine uncordon -a my-app 1781"},
	{what: "a machine that somebody holds a lease of", world: func(w *draintest.World) {
		w.Do(draintest.Action{Kind: "lease", Machine: w.Live("my-app")[0].ID, For: 30 * time.Minute})
	}, warns: "they hold a lease), and a cordon that waits longer than 2 minutes for it undoes the release: 17810000000001"},
	{what: "a group with machines that is left out", release: func(r *drain.Release) { r.Apps[0].Groups = []string{"app"} }, refuses: "group worker has machines"},
	{what: "an image without cat", world: func(w *draintest.World) { w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{NoCat: true} },
		warns: "to count another way: -probe prometheus, or -probe exec=CMD), so its old machines are never known to be idle, and are kept for ever; to end their drains all the same: -deadline D -at-deadline stop"},
	{what: "an image without cat, and a deadline that stops", world: func(w *draintest.World) { w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{NoCat: true} },
		release: func(r *drain.Release) { r.Deadline, r.AtDeadline = time.Hour, drain.StopMachine }, warns: "are stopped at their deadline"},
	{what: "an image without cat, and another probe", world: func(w *draintest.World) { w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{NoCat: true} },
		release: func(r *drain.Release) { r.Probe = probe.Func(countNone) }, warns: ""},
	{what: "a probe for workers that prints no number", release: func(r *drain.Release) { r.WorkerProbe = probe.Exec{Command: "cat /proc/net/sockstat"} }, warns: "the connections of group worker cannot be counted"},
	{what: "a probe that does not answer", release: func(r *drain.Release) { r.Probe = probe.Func(hang) }, warns: "the probe did not answer"},
	{what: "nothing", warns: ""},
}

const udpService = "[[services]]\ninternal_port = 53\nprotocol = \"udp\"\nprocesses = [\"app\"]\n"

func countNone(_ context.Context, _ *flyctl.Client, ms []flyctl.Machine) map[string]probe.Reading {
	out := map[string]probe.Reading{}
	for _, m := range ms {
		out[m.ID] = probe.Known(0)
	}
	return out
}

func hang(ctx context.Context, _ *flyctl.Client, _ []flyctl.Machine) map[string]probe.Reading {
	<-ctx.Done()
	return nil
}

func TestAPlanRefusesOrWarnsOfWhatCanBeKnownBefore(t *testing.T) {
	for _, c := range foreseen {
		t.Run(c.what, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				if c.toml != "" {
					r.Apps[0].Dir = s.dir(c.toml)
				}
				if c.world != nil {
					s.world(c.world)
				}
				if c.release != nil {
					c.release(r)
				}
				begun := time.Now()
				plan, err := r.Plan(context.Background(), "deploy")
				if took := time.Since(begun); took > 15*time.Second {
					t.Errorf("took %v", took)
				}
				warned := strings.Join(plan.Warnings, "\n")
				switch {
				case c.refuses != "":
					if err == nil || !strings.Contains(err.Error(), c.refuses) {
						t.Errorf("want it refused: %q; it says %v", c.refuses, err)
					}
				case err != nil:
					t.Error(err)
				case !strings.Contains(warned, c.warns) || c.warns == "" && warned != "":
					t.Errorf("want a warning %q, not %q", c.warns, warned)
				}
			})
		})
	}
}

func TestACountThatTakesLongHoldsUpTheCutoverAndNotTheCreation(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.allow("S4") // this probe looks at nothing
		var first sync.Once
		r.Probe = probe.Func(func(ctx context.Context, c *flyctl.Client, ms []flyctl.Machine) map[string]probe.Reading {
			slow := false
			if first.Do(func() { slow = true }); slow {
				<-time.After(9 * time.Second) // green is healthy long before
				return nil
			}
			return countNone(ctx, c, ms)
		})
		s.deploy(drain.ResultDone, r)
		at := func(kind drain.EventKind) time.Time { return s.of(kind)[0].Time }
		if warned := at(drain.EventWarning); warned.Before(at(drain.EventCreated)) || warned.After(at(drain.EventUncordoned)) {
			t.Errorf("created %v, warned %v, uncordoned %v", at(drain.EventCreated), warned, at(drain.EventUncordoned))
		}
	})
}

// TestGroupsAtZeroComeBackUnlessTheyAreLeftOut releases an app whose workers are
// scaled to 0.
func TestGroupsAtZeroComeBackUnlessTheyAreLeftOut(t *testing.T) {
	for groups, want := range map[string][]string{
		"":           {"app iad started v2", "worker iad started v2"},
		"app":        {"app iad started v2"},
		"app,worker": {"app iad started v2", "worker iad started v2"},
	} {
		t.Run(groups, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:0")
				if groups != "" {
					r.Apps[0].Groups = strings.Split(groups, ",")
				}
				plan, err := r.Plan(context.Background(), "deploy")
				if back := strings.Contains(plan.Script(), "#   1 of worker, of flyctl's default size"); err != nil || back != (len(want) == 2) {
					t.Errorf("the plan says that it comes back: %v: %v", back, err)
				}
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", want...)
			})
		})
	}
}

// TestWhatPeopleHaveSetOnMachinesIsRefusedGivenUpOrInFlyToml sets kernel arguments.
func TestWhatPeopleHaveSetOnMachinesIsRefusedGivenUpOrInFlyToml(t *testing.T) {
	for name, c := range map[string]struct {
		toml string
		lose bool
		says string
		want drain.Result
	}{
		"refused":      {toml: flyToml, says: `put it into fly.toml, for all groups: machine_config = '{"guest": {"kernel_args": ["x=1"]}}'; or give it up (LoseConfig, -lose-config)`, want: drain.ResultFailed},
		"given up":     {toml: flyToml, lose: true, says: "a new machine does not get guest.kernel_args", want: drain.ResultDone},
		"in fly.toml":  {toml: "machine_config = '{\"guest\": {\"kernel_args\": [\"x=1\"]}}'\n" + flyToml, want: drain.ResultDone},
		"of its group": {toml: strings.Replace(flyToml, "worker = \"work\"\n", "", 1), want: drain.ResultDone},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Apps[0].Dir, r.LoseConfig = s.dir(c.toml), c.lose
				s.world(func(w *draintest.World) {
					w.Dropped = []string{"my-app/worker"}
					m := w.Live("my-app")[1]
					m.Config.Guest.KernelArgs = `["x=1"]`
				})
				s.deploy(c.want, r)
				said := ""
				for _, e := range s.events {
					if e.Kind == drain.EventWarning || e.Kind == drain.EventOutcome {
						said += e.Why + "\n"
					}
				}
				if !strings.Contains(said, c.says) || c.says == "" && strings.Contains(said, "kernel_args") {
					t.Errorf("want %q in:\n%s", c.says, said)
				}
			})
		})
	}
}

func TestWhatCannotBeBlueGreenIsRefusedBeforeAnythingChanges(t *testing.T) {
	for says, spoil := range map[string]func(s *sim, r *drain.Release){
		"volume": func(s *sim, r *drain.Release) {
			s.world(func(w *draintest.World) {
				if err := json.Unmarshal([]byte(`[{"volume": "vol_1", "path": "/data"}]`), &w.Live("my-app")[0].Config.Mounts); err != nil {
					s.Fatal(err)
				}
			})
		},
		"[mounts]": func(s *sim, r *drain.Release) {
			r.Apps[0].Dir = s.dir(flyToml + "\n[mounts]\nsource = \"data\"\ndestination = \"/data\"\n")
		},
		"FLYDRAIN":      func(s *sim, r *drain.Release) { r.Apps[0].Dir = s.dir(flyToml + "\n[env]\nFLYDRAIN = \"mine\"\n") },
		"fly.toml":      func(s *sim, r *drain.Release) { r.Apps[0].Dir = s.TempDir() },
		"app not found": func(s *sim, r *drain.Release) { r.Apps[0].Name = "other-app" },
		"too old":       func(s *sim, r *drain.Release) { s.world(func(w *draintest.World) { w.Version = "0.4.68" }) },
		"FLY_API_TOKEN": func(s *sim, r *drain.Release) { s.world(func(w *draintest.World) { w.NoAuth = true }) },
		"reach": func(s *sim, r *drain.Release) {
			s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "unreachable", App: "my-app"}) })
		},
		"no machine serves": func(s *sim, r *drain.Release) {
			s.world(func(w *draintest.World) {
				for _, m := range w.Live("my-app") {
					w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
				}
			})
		},
		"invalid app name": func(s *sim, r *drain.Release) { r.Apps[0].Name = "-rf" },
	} {
		t.Run(says, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				spoil(s, r)
				report, err := r.Deploy(context.Background())
				want := drain.ResultFailed
				switch says {
				case "invalid app name":
					want = drain.ResultUsage
				case "no machine serves":
					want = drain.ResultPerson
				}
				if report.Result != want || err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%s: %v", report.Result, err)
				}
				s.world(func(w *draintest.World) {
					for _, c := range w.Commands {
						if c.Name != "machine list" && c.Name != "version" && c.Name != "config show" {
							t.Errorf("it ran %v", c)
						}
					}
				})
			})
		})
	}
}
