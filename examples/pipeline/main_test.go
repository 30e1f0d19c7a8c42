package main

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pipeline": draintest.InBubble(main), "flyctl": draintest.Main, "flysim": draintest.Sim})
}

func TestSessions(t *testing.T) { testscript.Run(t, draintest.Params("testdata")) }

// runDeploy runs the script on a simulated Fly, where an app with two machines has
// four connections of an hour. All waits take simulated time: the whole test takes
// milliseconds. Then look looks at the result.
func runDeploy(t *testing.T, v2 draintest.Image, look func(w *draintest.World, err error)) {
	synctest.Test(t, func(t *testing.T) {
		fly := draintest.NewFly(nil)
		fly.Do(func(w *draintest.World) {
			if err := w.AddApp("my-app", "app=iad:2"); err != nil {
				t.Fatal(err)
			}
			w.Connect("my-app", "app", "iad", 4, time.Hour)
			w.Images["registry.fly.io/my-app:v2"] = &v2
		})
		r := drain.New("my-app")
		r.Apps[0].Image, r.Flyctl = "registry.fly.io/my-app:v2", fly.Runner()
		err := deploy(t.Context(), r.Steps(t.Context()))
		fly.Do(func(w *draintest.World) {
			for _, b := range w.Breaches {
				t.Error(b)
			}
			look(w, err)
		})
	})
}

// serving are the machines that are not cordoned.
func serving(w *draintest.World) []string {
	var ids []string
	for _, m := range w.Live("my-app") {
		if !m.Cordoned {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func TestAReleaseReplacesAllMachinesAndCutsNothing(t *testing.T) {
	runDeploy(t, draintest.Image{}, func(w *draintest.World, err error) {
		if err != nil || w.Account.Ended != 4 || w.Account.Cut != 0 {
			t.Errorf("%v: %v", err, w.Account)
		}
		if is := serving(w); !slices.Equal(is, []string{"17810000000003", "17810000000004"}) {
			t.Errorf("serving: %v", is)
		}
	})
}

// Without AwaitHealthy in the script, this test fails.
func TestAnUnhealthyImageNeverServesAndTheOldReleaseStays(t *testing.T) {
	runDeploy(t, draintest.Image{Unhealthy: true}, func(w *draintest.World, err error) {
		if err == nil {
			t.Error("the script said nothing")
		}
		if is := serving(w); !slices.Equal(is, []string{"17810000000001", "17810000000002"}) {
			t.Errorf("serving: %v", is)
		}
	})
}
