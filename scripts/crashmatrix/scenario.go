package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// run is one of a release's methods.
type run = func(context.Context) (drain.Report, error)

// scenario is a run that will die, and the world in which it begins.
type scenario struct {
	name   string
	apps   int
	shape  []string      // of each app
	onTop  bool          // a release before this one has changed over, and drains
	past   bool          // another one has, and of the one before it machines are gone
	drain  string        // the app ends its connections, which would last for ever, when this runs in it
	late   time.Duration // they last for ever, and are cut so long after the cordon
	lives  time.Duration // how long a connection lasts that is there at first; 0: 30 s
	every  time.Duration // how often a new one comes; 0: 3 s
	do     func(drain.Release) run
	small  bool     // small enough to die twice
	large  bool     // too large to be played whole in CI
	suffer bool     // nobody dies, but something else goes wrong
	serves []string // images that may serve when Resume has repaired what is left
	rough  bool     // several things go wrong at once: the judge allows for what no run can know
	drains bool     // it only drains, and may leave what is cordoned

	autostop bool // the proxy stops machines, and so may refuse a connection
}

func deploy(r drain.Release) run   { return r.Deploy }
func rollback(r drain.Release) run { return r.Rollback }

var (
	shape = []string{"app=iad:2,lhr:1", "worker=iad:1"}
	tiny  = []string{"app=iad:1", "worker=iad:1"}
)

// scenarios are those of the matrix. The first image is v1. Releases that have changed
// over already have v2 and v3. The run that dies deploys v3, and the next one v4.
var scenarios = []*scenario{
	{name: "one app", apps: 1, shape: shape, do: deploy, serves: []string{"v1", "v3"}},
	{name: "three apps", large: true, apps: 3, shape: []string{"app=iad:2"}, do: deploy, serves: []string{"v1", "v3"}},
	{name: "on top of a draining generation", large: true, apps: 1, shape: shape, onTop: true, do: deploy, serves: []string{"v2", "v3"}},
	{name: "a rollback", apps: 1, shape: shape, onTop: true, do: rollback, serves: []string{"v1", "v2"}},
	{name: "a tiny app", apps: 1, shape: tiny, do: deploy, small: true, serves: []string{"v1", "v3"}},
	{name: "a tiny app's rollback", apps: 1, shape: tiny, onTop: true, do: rollback, small: true, serves: []string{"v1", "v2"}},
	{name: "a drain command", large: true, apps: 1, shape: tiny, do: deploy, drain: "/app/server drain", serves: []string{"v1", "v3"}},
	{name: "a deadline", large: true, apps: 1, shape: []string{"app=iad:2"}, do: deploy, late: time.Minute, serves: []string{"v1", "v3"}},
	{name: "a rollback past a generation", large: true, apps: 1, shape: tiny, onTop: true, past: true, do: rollback, serves: []string{"v1", "v3"}},
	{name: "a small app in trouble", apps: 1, shape: []string{"app=iad:1,lhr:1", "worker=iad:1"}, do: deploy, large: true, suffer: true},
}

func (s *scenario) names() []string {
	names := make([]string, s.apps)
	for i := range names {
		names[i] = fmt.Sprintf("app-%d", i)
	}
	return names
}

func image(app, tag string) string { return "registry.fly.io/" + app + ":" + tag }

func tag(m *draintest.Machine) string {
	_, tag, _ := strings.Cut(m.Config.Image, ":")
	return tag
}

// begin makes the world in which the run begins. Its connections end within the minute,
// and new ones come for as long as anything runs.
func (s *scenario) begin() *draintest.Fly {
	fly := draintest.NewFly(nil)
	fly.Do(func(w *draintest.World) {
		w.Boot, w.Health = time.Second, 500*time.Millisecond
		for _, app := range s.names() {
			if err := w.AddApp(app, s.shape...); err != nil {
				panic(err) // a shape of ours
			}
			lives := cmp.Or(s.lives, 30*time.Second)
			if s.drain != "" || s.late > 0 {
				lives, w.CutsAllowed = 0, s.late > 0
				w.Images[image(app, "v1")] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{s.drain: {}}}
			}
			w.Connect(app, "app", "iad", 4, lives)
			w.Serve(draintest.Load{App: app, Group: "app", Every: cmp.Or(s.every, 3*time.Second), Min: time.Second, Max: 20 * time.Second,
				Until: w.Now.Add(30 * time.Minute)})
		}
	})
	if s.onTop {
		s.changeOver(fly, "v2")
	}
	if s.past {
		s.changeOver(fly, "v3")
		fly.Do(func(w *draintest.World) {
			for _, m := range w.Live("app-0") {
				if tag(m) == "v2" && m.Group() == "app" {
					w.HangUp(m.ID, w.Open(m.ID))
					w.Do(draintest.Action{Kind: "destroy", Machine: m.ID})
				}
			}
		})
	}
	return fly
}

// changeOver puts a release on top, as flydrain leaves it when it drains.
func (s *scenario) changeOver(fly *draintest.Fly, tag string) {
	<-time.After(time.Minute)
	fly.Do(func(w *draintest.World) {
		for _, app := range s.names() {
			w.Connect(app, "app", "iad", 4, 100*time.Second)
			open := slices.DeleteFunc(w.Live(app), func(m *draintest.Machine) bool { return m.Cordoned })
			mark := fmt.Sprintf("%s-ab12cd/%d/%d", w.Now.UTC().Format("20060102T150405Z"), s.apps, len(open))
			for _, m := range open {
				w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
				n := w.AddMachine(app, m.Group(), m.Region, image(app, tag))
				w.Remark(mark, n.ID)
			}
		}
	})
	<-time.After(10 * time.Second)
}
