package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// scenario is a run that will die, and the world in which it begins.
type scenario struct {
	name   string
	apps   int
	shape  []string      // of each app
	onTop  bool          // a release before this one has changed over, and drains
	past   bool          // another one has, and of the one before it machines are gone
	drain  string        // the app ends its connections, which would last for ever, when this runs in it
	late   time.Duration // they last for ever, and are cut so long after the cordon
	do     func(drain.Release) run
	small  bool     // small enough to die twice
	large  bool     // too large to be played whole in CI
	suffer bool     // nobody dies, but something else goes wrong
	serves []string // images that may serve when Resume has repaired what is left
}

func deploy(r drain.Release) run   { return r.Deploy }
func rollback(r drain.Release) run { return r.Rollback }

var (
	shape = []string{"app=iad:2,lhr:1", "worker=iad:1"}
	tiny  = []string{"app=iad:1", "worker=iad:1"}
)

// scenarios are those of the matrix. The images are v1 at first, v2 and v3 where
// releases have changed over already, else v3 what the run that dies deploys, and v4
// what the next one does.
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

// flyTomls are the two kinds that there are.
var flyTomls = map[string]string{
	"app": `primary_region = "iad"

[processes]
app = ""
` + service,
	"app-worker": `primary_region = "iad"

[processes]
app = ""
worker = "work"
` + service,
}

const service = `
[http_service]
internal_port = 8080
auto_stop_machines = "off"
auto_start_machines = true
processes = ["app"]

[http_service.concurrency]
type = "connections"
soft_limit = 20
hard_limit = 25

[[http_service.checks]]
interval = "2s"
timeout = "1s"
grace_period = "1s"
path = "/healthz"
`

// folder makes a folder with the fly.tomls of all scenarios.
func folder() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "crashmatrix-"); err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	for name, text := range flyTomls {
		if err = os.Mkdir(filepath.Join(dir, name), 0o755); err == nil {
			err = os.WriteFile(filepath.Join(dir, name, "fly.toml"), []byte(text), 0o644)
		}
		if err != nil {
			remove()
			return "", nil, err
		}
	}
	return dir, remove, nil
}

// folder is where the fly.toml of the scenario's apps lies.
func (s *scenario) folder(dir string) string {
	if len(s.shape) == 1 {
		return filepath.Join(dir, "app")
	}
	return filepath.Join(dir, "app-worker")
}

func (s *scenario) names() []string {
	names := make([]string, s.apps)
	for i := range names {
		names[i] = fmt.Sprintf("app-%d", i)
	}
	return names
}

func image(app, tag string) string { return "registry.fly.io/" + app + ":" + tag }

// begin makes the world in which the run begins: with connections that end
// within the minute, and new ones coming in for as long as anything runs.
func (s *scenario) begin() *draintest.Fly {
	fly := draintest.NewFly(nil)
	fly.Do(func(w *draintest.World) {
		w.Boot, w.Health = time.Second, 500*time.Millisecond
		for _, app := range s.names() {
			if err := w.AddApp(app, s.shape...); err != nil {
				panic(err) // a shape of ours
			}
			lives := 30 * time.Second
			if s.drain != "" || s.late > 0 {
				lives, w.CutsAllowed = 0, s.late > 0
				w.Images[image(app, "v1")] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{s.drain: {}}}
			}
			w.Connect(app, "app", "iad", 4, lives)
			w.Serve(draintest.Load{App: app, Group: "app", Every: 3 * time.Second, Min: time.Second, Max: 20 * time.Second,
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
			mark := fmt.Sprintf("%s-ab12cd/%d/%d", w.Now.UTC().Format("20060102T150405Z"), s.apps, s.size())
			for _, m := range w.Live(app) {
				if m.Cordoned {
					continue
				}
				w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
				n := w.AddMachine(app, m.Group(), m.Region, image(app, tag))
				w.Remark(mark, n.ID)
			}
		}
	})
	<-time.After(10 * time.Second)
}

// census is how an app of the scenario should be.
func (s *scenario) census() string { return census(s.kinds()) }

// size is how many machines an app of the scenario has.
func (s *scenario) size() int {
	n := 0
	for _, k := range s.kinds() {
		n += k
	}
	return n
}

func (s *scenario) kinds() map[string]int {
	want := map[string]int{}
	for _, text := range s.shape {
		group, regions, _ := strings.Cut(text, "=")
		for r := range strings.SplitSeq(regions, ",") {
			region, count, _ := strings.Cut(r, ":")
			n := 0
			_, _ = fmt.Sscan(count, &n) // a shape of ours
			want[group+"="+region] += n
		}
	}
	return want
}
