package drain_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
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

var (
	campaignSeed = flag.Uint64("seed", 0, "run only this one of a campaign")
	campaignRuns = flag.Uint64("runs", 0, "run so many of a campaign")
)

// failedOnce are seeds of the campaign that have found something. What a seed
// does follows from newPlan; the order of what happens in one moment does not.
var failedOnce = []struct {
	seed uint64
	why  string
}{}

func TestCampaign(t *testing.T) {
	var seeds []uint64
	for _, f := range failedOnce {
		seeds = append(seeds, f.seed)
	}
	playAll(t, newPlan, 30, 2000, seeds...)
}

// TestTwoReleasesAtOnce has another deploy begin beside one, in the same moment or up to
// half a minute later.
func TestTwoReleasesAtOnce(t *testing.T) { playAll(t, newDuel, 15, 1000) }

// playAll plays seeds, and then so many, or many with every case.
func playAll(t *testing.T, newPlan func(seed uint64) plan, some, all uint64, seeds ...uint64) {
	runs := some
	if long {
		runs = all
	}
	for seed := range cmp.Or(*campaignRuns, runs) {
		seeds = append(seeds, seed+1)
	}
	if *campaignSeed != 0 {
		seeds = []uint64{*campaignSeed}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // the bubbles are small, and many
	todo := make(chan uint64)
	dir := t.TempDir()
	var players sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		players.Go(func() {
			for seed := range todo {
				c := &campaign{plan: newPlan(seed), dir: filepath.Join(dir, fmt.Sprint(seed))}
				if err := c.folder(); err != nil {
					t.Error(err)
					continue
				}
				synctest.Test(t, func(*testing.T) { c.run() })
				if len(c.wrong) > 0 {
					t.Errorf("%v\nit found:\n\t%s\nagain: go test ./drain -run %s -seed %d -v", c.plan, strings.Join(c.wrong, "\n\t"), t.Name(), seed)
				}
				if *campaignSeed != 0 {
					t.Logf("%v\n%s", c.plan, strings.Join(c.story, "\n"))
				}
			}
		})
	}
	for _, seed := range seeds {
		todo <- seed
	}
	close(todo)
	players.Wait()
}

// campaign is one run of it.
type campaign struct {
	plan
	dir     string
	fly     *draintest.Fly
	was     []string // the machines that were open at first
	touched map[string]bool
	wrong   []string

	mu    sync.Mutex
	story []string
	calls int
}

func (c *campaign) folder() error {
	if err := os.Mkdir(c.dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.dir, "fly.toml"), []byte(c.toml()), 0o644)
}

func (c *campaign) mistake(format string, args ...any) {
	c.wrong = append(c.wrong, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; "))
}

func (c *campaign) tell(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.story = append(c.story, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (c *campaign) names() (names []string) {
	for i := range c.apps {
		names = append(names, fmt.Sprintf("app-%d", i))
	}
	return names
}

func (c *campaign) run() {
	c.begin()
	var others sync.WaitGroup
	if c.beside != "" {
		others.Go(func() {
			<-time.After(c.after)
			c.tell("somebody else's %s begins", c.beside)
			report, err := method(c.release(c.fly.Runner(), "v5"), c.beside)(context.Background())
			c.tell("somebody else's %s ended %s: %v", c.beside, report.Result, err)
		})
	}
	c.first()
	others.Wait()
	c.fly.Do(func(w *draintest.World) { w.Faults = nil })
	<-time.After(6 * time.Minute) // all leases have ended, and all that happens has happened
	c.last()
	c.judge()
}

// begin makes the world.
func (c *campaign) begin() {
	c.fly, c.touched = draintest.NewFly(nil), map[string]bool{}
	c.fly.Do(func(w *draintest.World) {
		w.Boot, w.Health = time.Second, 500*time.Millisecond
		for _, app := range c.names() {
			if err := w.AddApp(app, c.shape...); err != nil {
				c.mistake("%v", err)
			}
			w.Connect(app, "app", "iad", 3, c.busy)
		}
	})
	if c.onTop {
		<-time.After(time.Minute)
		c.fly.Do(func(w *draintest.World) {
			id := w.Now.UTC().Format("20060102T150405Z") + "-ab12cd"
			for _, app := range c.names() {
				w.Connect(app, "app", "iad", 3, c.busy)
				old := w.Live(app)
				for _, m := range old {
					w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
					w.Remark(fmt.Sprintf("%s/%d/%d", id, c.apps, len(old)), w.AddMachine(app, m.Group(), m.Region, "registry.fly.io/"+app+":v2").ID)
				}
			}
		})
		<-time.After(7 * time.Second)
	}
	c.fly.Do(func(w *draintest.World) {
		w.Baseline()
		w.Faults = c.faults
		for _, app := range c.names() {
			if c.load > 0 {
				w.Serve(draintest.Load{App: app, Group: "app", Every: c.load, Min: time.Second, Max: 30 * time.Second, Until: w.Now.Add(3 * time.Minute)})
			}
		}
		if c.autostop {
			w.Autostop(20 * time.Second)
		}
	})
	c.was = c.open()
	for _, e := range c.events {
		time.AfterFunc(e.at, func() { c.happens(e) })
	}
}

// happens lets somebody else do something, and keeps to which machines.
func (c *campaign) happens(e happening) {
	c.fly.Do(func(w *draintest.World) {
		app := c.names()[e.app]
		for _, m := range w.Live(app) {
			_, marked := m.Mark()
			if green := marked && tag(m) != "v2"; m.Group() != e.action.Group || green != e.action.Green || e.action.Kind == "uncordon" && !m.Cordoned {
				continue
			}
			c.happensTo(w, e.action, app, m.ID)
			if !e.all || e.action.Kind == "deploy" || len(w.Live(app)) == 1 { // an empty list is never believed
				return
			}
		}
	})
}

func (c *campaign) happensTo(w *draintest.World, a draintest.Action, app, id string) {
	a.Machine = id
	c.tell("outside: %s %s", a.Kind, id)
	before := w.Count
	w.Do(a)
	c.touched[id] = true
	if w.Count > before {
		live := w.Live(app)
		c.touched[live[len(live)-1].ID] = true
	}
	undo := map[string]string{"unreachable": "reachable", "sick": "well"}[a.Kind]
	if undo != "" {
		w.At(w.Now.Add(a.For), draintest.Action{Kind: undo, Machine: id})
	}
}

func (c *campaign) release(run flyctl.Runner, tag string) *drain.Release {
	r := drain.New(c.names()...)
	r.Propagation, r.Smoke, r.Settle, r.Flyctl = 6*time.Second, 2*time.Second, 4*time.Second, run
	for i := range r.Apps {
		a := &r.Apps[i]
		a.Dir, a.Image = c.dir, "registry.fly.io/"+a.Name+":"+tag
	}
	if *campaignSeed != 0 {
		r.Events = func(e drain.Event) {
			if e.Kind != drain.EventConnections {
				c.tell("%s: %s %s %s %s %s", tag, e.App, e.Kind, e.Phase, e.Machine, e.Why)
			}
		}
	}
	return &r
}

func method(r *drain.Release, what string) func(context.Context) (drain.Report, error) {
	return map[string]func(context.Context) (drain.Report, error){
		"deploy": r.Deploy, "resume": r.Resume, "drain": r.Drain, "rollback": r.Rollback}[what]
}

// first is the run that the plan is about.
func (c *campaign) first() {
	life, kill := context.WithCancelCause(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()
	var ended time.Time
	inner := mortal(life, c.fly.Runner())
	run := func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		c.mu.Lock()
		c.calls++
		dies := c.calls == c.dies
		c.mu.Unlock()
		if dies {
			ended = time.Now()
			c.tell("death")
			if c.killed {
				kill(draintest.ErrKilled)
			}
			cancel()
		}
		return inner(ctx, cmd)
	}
	report, err := method(c.release(run, "v3"), c.what)(ctx)
	c.tell("ended %s: %v", report.Result, err)
	kill(draintest.ErrKilled) // nothing of it goes on
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		c.mistake("it does not end")
	case c.killed && !ended.IsZero(), c.beside != "":
	default:
		c.truth(report, err)
	}
	if took := time.Since(ended); !ended.IsZero() && !c.killed && took > 10*time.Second {
		c.mistake("it took %v to leave", took)
	}
}

// last deploys once more, without a fault.
func (c *campaign) last() {
	if dark := c.dark(); dark != "" {
		if len(c.touched) == 0 {
			c.mistake("nothing of %s is open", dark)
		}
		return
	}
	if len(c.touched) > 0 {
		c.fly.Do(func(w *draintest.World) { // S1 is about when a run begins
			was := w.Base
			w.Baseline()
			for place, n := range was {
				w.Base[place] = min(n, w.Base[place])
			}
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()
	report, err := c.release(c.fly.Runner(), "v4").Deploy(ctx)
	c.tell("the last deploy ended %s: %v", report.Result, err)
	if report.Result != drain.ResultDone {
		c.mistake("the last deploy ended %s: %v", report.Result, err)
		return
	}
	c.fly.Do(func(w *draintest.World) {
		for _, app := range c.names() {
			for _, m := range w.Live(app) {
				if tag(m) != "v4" || m.Cordoned {
					c.mistake("after the last deploy: %s", row(m))
				}
			}
			if n, was := len(w.Live(app)), len(c.was)/c.apps; n != was && len(c.touched) == 0 && c.beside == "" {
				c.mistake("%s has %d machines, and had %d", app, n, was)
			}
		}
	})
}

func tag(m *draintest.Machine) string {
	_, tag, _ := strings.Cut(m.Config.Image, ":")
	return tag
}

func row(m *draintest.Machine) string {
	return fmt.Sprintf("%s %s %s %s %s cordoned: %v", m.ID, m.Group(), m.Region, m.State, tag(m), m.Cordoned)
}

func (c *campaign) open() (ids []string) {
	c.fly.Do(func(w *draintest.World) {
		for _, app := range c.names() {
			for _, m := range w.Live(app) {
				if !m.Cordoned {
					ids = append(ids, m.ID)
				}
			}
		}
	})
	return ids
}

// dark names an app of which nothing is open.
func (c *campaign) dark() (dark string) {
	c.fly.Do(func(w *draintest.World) {
		for _, app := range c.names() {
			if !slices.ContainsFunc(w.Live(app), func(m *draintest.Machine) bool { return !m.Cordoned }) {
				dark = app
			}
		}
	})
	return dark
}
