package main

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	serves  = "17810000000001" // with a connection, as the next two
	busy    = "17810000000002" // cordoned, made without autostop
	itself  = "17810000000003" // cordoned, made with autostop
	idle    = "17810000000004" // cordoned, made without autostop
	stopped = "17810000000005" // cordoned, made with autostop, and stopped by the proxy
)

func TestOnlyAMachineThatIsIdleAndCordonedIsLeftToTheProxy(t *testing.T) {
	for _, c := range []struct {
		name   string
		ids    string
		update bool
		ran    string // what changed a machine
		err    string // its beginning
	}{
		{"a machine that serves is refused", serves, true, "", "machine " + serves + " serves: cordon it first"},
		{"one with autostop is left to the proxy", itself, true, "", ""},
		{"one that the proxy has stopped is destroyed", stopped, false, "machine destroy " + stopped, ""},
		{"one without autostop is named", busy + " " + itself, false, "", "machines without autostop: [" + busy + "]: set auto_stop_machines"},
		{"an update that would cut a connection is refused", busy, true, "", "refused: machine " + busy + " of my-app: 1 connection, and its update would end them"},
		{"an idle machine gets autostop and auto_destroy", idle, true, "machine update " + idle + " --app my-app --autostop=stop", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fly := draintest.NewFly(nil)
				fly.Do(func(w *draintest.World) {
					if err := w.AddApp("my-app", "app=iad:3"); err != nil {
						t.Fatal(err)
					}
					w.Connect("my-app", "app", "iad", 3, time.Hour)
					for range 2 {
						w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v1")
					}
					for _, id := range []string{itself, stopped} {
						w.Machine(id).Config.Services[0].Autostop = "stop"
					}
					for _, id := range []string{busy, itself, idle, stopped} {
						w.Do(draintest.Action{Kind: "cordon", Machine: id})
					}
					w.Do(draintest.Action{Kind: "autostop", Machine: stopped})
					w.Baseline()
				})

				r := drain.New("my-app")
				r.Flyctl = fly.Runner()
				err := leave(t.Context(), r.Steps(t.Context()), &flyctl.Client{App: "my-app", Run: r.Flyctl}, c.update, strings.Fields(c.ids))

				if c.err == "" && err != nil || c.err != "" && !strings.HasPrefix(fmt.Sprint(err), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				fly.Do(func(w *draintest.World) {
					ran := strings.Join(append(w.Lines("machine update"), w.Lines("machine destroy")...), "\n")
					if !strings.HasPrefix(ran, c.ran) || c.ran == "" && ran != "" {
						t.Errorf("it ran %s, want %s", ran, c.ran)
					}
					if len(w.Breaches) > 0 || w.Account.Cut > 0 {
						t.Errorf("%v: %v", w.Breaches, w.Account)
					}
				})
			})
		})
	}
}
