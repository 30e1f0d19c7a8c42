// Demo runs a whole release against a simulated Fly, in about ten seconds: green is
// made beside blue and checked, traffic moves over, and each blue machine goes when its
// last connection has ended. It is for a first look: it needs nothing but Go.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	fly, dir, err := simulate()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}

	r := drain.New("chat")
	r.Apps[0].Dir, r.Apps[0].Image, r.Flyctl = dir, "registry.fly.io/chat:v2", fly.Runner()
	// Fly takes seconds where the simulated one takes tenths of them.
	r.ListEvery, r.Poll, r.Settle, r.Smoke, r.Propagation = 200*time.Millisecond, 300*time.Millisecond, time.Second, time.Second, time.Second
	code := view.Deploy(r)
	fly.Do(func(w *draintest.World) {
		fmt.Printf("\nconnections: %v", w.Account)
		for _, breach := range w.Breaches {
			fmt.Fprintln(os.Stderr, "demo: a rule was broken:", breach)
			code = 1
		}
	})
	os.RemoveAll(dir)
	os.Exit(code)
}

// simulate returns a Fly on which an app serves long connections from two regions, and
// the folder of its fly.toml.
func simulate() (*draintest.Fly, string, error) {
	w := draintest.New(time.Now())
	w.Boot, w.Health, w.Propagation = 400*time.Millisecond, 200*time.Millisecond, 500*time.Millisecond
	w.Latency, w.LimitsOff = 10*time.Millisecond, true
	if err := w.AddApp("chat", "app=iad:2,lhr:2", "worker=iad:1"); err != nil {
		return nil, "", err
	}
	for i := range 8 {
		w.Connect("chat", "app", "iad", 1, time.Duration(i+2)*time.Second)
		w.Connect("chat", "app", "lhr", 1, time.Duration(i+3)*time.Second)
	}
	w.Serve(draintest.Load{App: "chat", Region: "iad", Every: 500 * time.Millisecond, Min: time.Second, Max: 3 * time.Second, Until: w.Now.Add(time.Minute)})

	dir, err := os.MkdirTemp("", "flydrain-demo-")
	if err != nil {
		return nil, "", err
	}
	return draintest.NewFly(w), dir, os.WriteFile(dir+"/fly.toml", []byte(flyToml), 0o600)
}

const flyToml = `
app = "chat"
primary_region = "iad"
[processes]
app = "serve"
worker = "work"
[http_service]
internal_port = 8080
auto_stop_machines = "off"
processes = ["app"]
[[http_service.checks]]
path = "/healthz"
`
