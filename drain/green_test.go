package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestGreenIsAsStrongAsBlue(t *testing.T) {
	worker := strings.Replace(flyToml, `worker = "work"`, "worker = \"work\"\njobs = \"run\"", 1)
	for name, c := range map[string]struct {
		shapes []string
		world  func(w *draintest.World)
		toml   string
		want   []string
	}{
		"in each region": {
			shapes: []string{"app=iad:1,lhr:2,nrt:1", "worker=iad:0"},
			want:   []string{"app iad started v2", "app lhr started v2", "app lhr started v2", "app nrt started v2", "worker iad started v2"},
		},
		"where blue has no machine in the primary region": {
			shapes: []string{"app=iad:0,lhr:2", "worker=iad:0"},
			want:   []string{"app lhr started v2", "app lhr started v2", "worker iad started v2"},
		},
		"with a new group, which gets one machine": {
			shapes: []string{"app=iad:2", "worker=iad:1"}, toml: worker,
			want: []string{"app iad started v2", "app iad started v2", "worker iad started v2", "jobs iad started v2"},
		},
		"without a group that fly.toml dropped": {
			shapes: []string{"app=iad:2", "worker=iad:1", "old=iad:2"}, toml: flyToml,
			world: func(w *draintest.World) { w.Dropped = []string{"my-app/old"} },
			want:  []string{"app iad started v2", "app iad started v2", "worker iad started v2"},
		},
		"with machines that the proxy had stopped": {
			shapes: []string{"app=iad:3", "worker=iad:1"},
			world: func(w *draintest.World) {
				w.Do(draintest.Action{Kind: "autostop", App: "my-app", Group: "app"})
				w.Do(draintest.Action{Kind: "autostop", App: "my-app", Group: "app"})
			},
			want: []string{"app iad started v2", "app iad stopped v2", "app iad stopped v2", "worker iad started v2"},
		},
		"though flyctl's canary would make one too many": {
			shapes: []string{"app=iad:2", "worker=iad:1"}, toml: flyToml + "\n[deploy]\nstrategy = \"canary\"\n",
			want: []string{"app iad started v2", "app iad started v2", "worker iad started v2"},
		},
		"leaving alone what fly deploy does not manage": {
			shapes: []string{"app=iad:2", "worker=iad:1"},
			world: func(w *draintest.World) {
				w.AddMachine("my-app", "", "iad", "registry.fly.io/cron:v7")
				w.AddMachine("my-app", "", "lhr", "registry.fly.io/cron:v7")
			},
			want: []string{"app iad started v2", "app iad started v2", "worker iad started v2", " iad started v7", " lhr started v7"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", c.shapes...)
				if c.toml != "" {
					r.Apps[0].Dir = s.dir(c.toml)
				}
				if c.world != nil {
					s.world(c.world)
				}
				s.connect("my-app", "app", "", 4, 10*time.Minute)
				s.deploy(drain.ResultDone, r)
				for i := range c.want {
					c.want[i] = strings.TrimSpace(c.want[i])
				}
				s.wants("my-app", c.want...)
			})
		})
	}
}

func TestGuestsAreBluesWhereFlyTomlHasNone(t *testing.T) {
	for name, vm := range map[string]string{"it has none": "", "it has one": "\n[[vm]]\nmemory = \"2gb\"\ncpus = 2\ncpu_kind = \"shared\"\n"} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:3", "worker=iad:1")
				r.Apps[0].Dir = s.dir(flyToml + vm)
				memory := map[int]int{256: 2, 512: 1, 1024: 1}
				s.world(func(w *draintest.World) {
					live := w.Live("my-app")
					live[0].Config.Guest.MemoryMB = 512
					live[3].Config.Guest.MemoryMB = 1024 // the worker
				})
				if vm != "" {
					memory = map[int]int{2048: 4}
				}
				s.deploy(drain.ResultDone, r)
				s.world(func(w *draintest.World) {
					if deploy := strings.Join(w.Lines("deploy"), "\n"); vm == "" && !strings.Contains(deploy, "--vm-memory 1024") {
						t.Errorf("the deploy has not the size of the largest of blue: %s", deploy)
					}
					for _, m := range w.Live("my-app") {
						memory[m.Config.Guest.MemoryMB]--
						if m.Group() == "worker" && vm == "" && m.Config.Guest.MemoryMB != 1024 {
							t.Errorf("the worker has %d MB", m.Config.Guest.MemoryMB)
						}
					}
				})
				for mb, n := range memory {
					if n != 0 {
						t.Errorf("%d machines of %d MB too few", n, mb)
					}
				}
			})
		})
	}
}

func TestStandbysStayStandbys(t *testing.T) {
	for _, workers := range []string{"worker=iad:2", "worker=lhr:2", "worker=lhr:1,ams:1"} { // flyctl makes the first in iad
		t.Run(workers, func(t *testing.T) { standbysStay(t, workers) })
	}
}

func standbysStay(t *testing.T, workers string) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", workers)
		s.world(func(w *draintest.World) {
			live := w.Live("my-app")
			live[3].Config.Standbys = []string{live[2].ID}
			w.Do(draintest.Action{Kind: "stop", Machine: live[3].ID})
		})
		<-time.After(10 * time.Second)
		s.deploy(drain.ResultDone, r)
		s.world(func(w *draintest.World) {
			ids, standbys := map[string]bool{}, 0
			for _, m := range w.Live("my-app") {
				ids[m.ID] = true
			}
			for _, m := range w.Live("my-app") {
				for _, of := range m.Config.Standbys {
					standbys++
					if !ids[of] || m.State == "started" {
						t.Errorf("standby %s (%s) of %s", m.ID, m.State, of)
					}
				}
			}
			if standbys != 1 || len(ids) != 4 {
				t.Errorf("%d standbys, %d machines", standbys, len(ids))
			}
		})
	})
}

// TestAListThatIsShortMakesNothingTwice has a region that the list lacks, for some
// seconds, also while the worker that comes last is held, and for longer than is waited
// for it: then what it hides is held all the same.
func TestAListThatIsShortMakesNothingTwice(t *testing.T) {
	for name, c := range map[string]struct {
		from, lists int
		last        time.Duration // the worker's creation takes
		want        drain.Result
	}{
		"for 6 lists":                {4, 6, 0, drain.ResultDone},
		"while the last one is held": {20, 12, 25 * time.Second, drain.ResultDone},
		"for 20 lists":               {4, 20, 0, drain.ResultFailed},
		"for 1000 lists":             {4, 1000, 0, drain.ResultLeft},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:2", "worker=iad:1")
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "short", Region: "lhr", Skip: c.from, Times: c.lists})
					if c.last > 0 {
						w.Faults = append(w.Faults, &draintest.Fault{Command: "deploy", Call: "create", Skip: 1, Slow: c.last})
					}
					if c.want != drain.ResultDone {
						w.Faults = append(w.Faults, &draintest.Fault{Command: "machine cordon", Status: 400, Message: "no", Skip: 1, Times: 8})
					}
				})
				s.deploy(c.want, r)
				s.world(func(w *draintest.World) {
					if n := w.Counts["api create"]; n > 5 {
						t.Errorf("%d machines were made for 5", n)
					}
					for _, m := range w.Live("my-app") {
						if _, green := m.Mark(); green && c.want != drain.ResultDone && !m.Cordoned {
							t.Errorf("green %s in %s is open", m.ID, m.Region)
						}
					}
				})
			})
		})
	}
}

// TestAnImageJustPushedIsTriedAgainAndOneThatIsNamedIsNot has a registry that does not know
// the image yet.
func TestAnImageJustPushedIsTriedAgainAndOneThatIsNamedIsNot(t *testing.T) {
	for image, want := range map[string]drain.Result{"": drain.ResultDone, "registry.fly.io/my-app:typo": drain.ResultFailed} {
		t.Run(string(want), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				r.Apps[0].Image = image
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "deploy", Call: "create", Status: 400, Message: "failed to get manifest: MANIFEST_UNKNOWN: manifest unknown", Times: 1})
				})
				s.deploy(want, r)
			})
		})
	}
}

// TestGreenThatCannotBeReachedIsNotWaitedForWithoutEnd loses the host of the only
// machine that could have copies, when it is held and the first clones have failed.
func TestGreenThatCannotBeReachedIsNotWaitedForWithoutEnd(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3")
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine clone", Status: 429, Message: "rate limit exceeded", Times: 2})
		})
		s.onEvent(r, drain.EventHeld, func(e drain.Event) {
			s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "unreachable", Machine: e.Machine}) })
		})
		begun := time.Now()
		_, err := r.Deploy(context.Background())
		if took := time.Since(begun); took > 10*time.Minute || err == nil || !strings.Contains(err.Error(), "no machine of group app can be cloned") {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestGreenIsHeldWhileFlyctlIsStillAtWork has a deploy that waits for its machine
// to listen, as flyctl does: by then the machine would take traffic.
func TestGreenIsHeldWhileFlyctlIsStillAtWork(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
		s.world(func(w *draintest.World) {
			w.Boot, w.Health = 3*time.Second, 3*time.Second
			w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: time.Second, Max: 20 * time.Second, Until: w.Now.Add(time.Minute)})
		})
		s.deploy(drain.ResultDone, r)
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if !m.Exposed.IsZero() && m.Held.After(m.Exposed) || m.Held.IsZero() || m.Early > 0 {
					t.Errorf("green %s took traffic from %v, was held at %v, and %d connections landed before", m.ID, m.Exposed, m.Held, m.Early)
				}
			}
		})
	})
}

// TestTheImageThatGreenIsGivenWins over the app's.
func TestTheImageThatGreenIsGivenWins(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		if err := drain.Run(r.Steps(s.Context()).Green("registry.fly.io/my-app:v3\n")); err != nil {
			t.Error(err)
		}
		<-time.After(3 * time.Second) // what was created last is up
		s.wants("my-app", "app iad started v1", "worker iad started v1", "app iad started v3 cordoned", "worker iad started v3 cordoned")
	})
}

// TestClonesThatFailNowAndThenDoNotEndTheRelease has three of forty refused.
func TestClonesThatFailNowAndThenDoNotEndTheRelease(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:40")
		s.world(func(w *draintest.World) {
			for _, at := range []int{5, 15, 25} {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine clone", Status: 429, Message: "rate limit exceeded", Skip: at, Times: 1})
			}
		})
		s.deploy(drain.ResultDone, r)
	})
}

func TestGreenIsRefusedWhereAllMachinesAreCordoned(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.allow("S1") // somebody does it
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
			}
		})
		err := drain.Run(r.Steps(s.Context()).Green(""))
		if err == nil || !strings.Contains(err.Error(), "no capacity to copy") || s.changes() > 0 {
			t.Errorf("%d changes: %v", s.changes(), err)
		}
	})
}
