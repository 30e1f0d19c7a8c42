// Demo shows a whole release on a simulated Fly, in less than ten seconds. It is for a
// first look, and needs nothing but Go.
//
//	go run ./examples/demo
//
// It creates green machines beside the blue ones, checks them, and moves traffic to
// green. It destroys each blue machine when its last connection has ended.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	fly, err := simulate()
	if err != nil {
		fmt.Fprintln(flyctl.Printer(os.Stderr), "demo:", err)
		os.Exit(1)
	}

	r := drain.New("chat")
	r.Apps[0].Image, r.Flyctl = "registry.fly.io/chat:v2", fly.Runner()
	// The simulated Fly takes tenths of a second where Fly takes seconds.
	r.ListEvery, r.Poll, r.Confirm = 100*time.Millisecond, 200*time.Millisecond, 1100*time.Millisecond
	r.Settle, r.Smoke, r.Propagation = 500*time.Millisecond, 500*time.Millisecond, time.Second
	code := view.Deploy(r)
	fly.Do(func(w *draintest.World) {
		fmt.Fprintf(flyctl.Printer(os.Stdout), "\nconnections: %v", w.Account)
		for _, breach := range w.Breaches {
			fmt.Fprintln(flyctl.Printer(os.Stderr), "demo: a rule was broken:", breach)
			code = 1
		}
	})
	os.Exit(code)
}

// simulate returns a Fly with an app that serves long connections in two regions.
func simulate() (*draintest.Fly, error) {
	w := draintest.New(time.Now())
	w.Boot, w.Health, w.Propagation = 300*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond
	w.Latency, w.LimitsOff = 10*time.Millisecond, true
	if err := w.AddApp("chat", "app=iad:2,lhr:2", "worker=iad:1"); err != nil {
		return nil, err
	}
	for i := range 8 {
		w.Connect("chat", "app", "iad", 1, 2*time.Second+time.Duration(i)*500*time.Millisecond)
		w.Connect("chat", "app", "lhr", 1, 2*time.Second+time.Duration(i)*600*time.Millisecond)
	}
	w.Serve(draintest.Load{App: "chat", Region: "iad", Every: 500 * time.Millisecond, Min: time.Second, Max: 3 * time.Second, Until: w.Now.Add(time.Minute)})
	return draintest.NewFly(w), nil
}
