// Demo runs a whole release against a simulated Fly, in about ten seconds: green
// is made beside blue and checked, traffic moves over, and each blue machine goes
// when its last connection has ended.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	fly, dir, err := simulate()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	app := drain.New("chat")
	app.Dir, app.Image, app.Flyctl = dir, "registry.fly.io/chat:v2", fly.Runner()
	events := view.Log(log.NewWithOptions(os.Stdout, log.Options{ReportTimestamp: true, TimeFormat: "15:04:05"}))
	// Fly takes seconds where the simulated one takes tenths of them.
	app.ListEvery, app.Settle, app.Poll, app.Smoke = 200*time.Millisecond, time.Second, 300*time.Millisecond, time.Second
	release := drain.Release{Apps: []*drain.App{app}, Propagation: time.Second, Events: events}

	report, err := release.Deploy(ctx)
	if err != nil {
		return err
	}
	fly.Do(func(w *draintest.World) {
		fmt.Printf("\nblue and green both took traffic for %.1fs\nconnections: %v", report.Both.Seconds(), w.Account)
		for _, breach := range w.Breaches {
			err = fmt.Errorf("a rule was broken: %v", breach)
		}
	})
	return err
}

// simulate makes a Fly on which an app serves long connections from two regions.
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
