package view_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// release is a run on a simulated Fly, in simulated time.
type release struct {
	apps   map[string][]string // name → shapes
	set    func(w *draintest.World)
	tune   func(r *drain.Release)
	events func(drain.Event)
	beside func(drain.Release) // if not nil, gets the release before the deploy and after it
}

func (r release) deploy(t *testing.T) (report drain.Report, failure error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fly := draintest.NewFly(nil)
		rel := drain.Release{Events: r.events, Flyctl: fly.Runner()}
		fly.Do(func(w *draintest.World) {
			for _, name := range []string{"chat", "api"} {
				if shapes := r.apps[name]; shapes != nil {
					if err := w.AddApp(name, shapes...); err != nil {
						t.Fatal(err)
					}
					rel.Apps = append(rel.Apps, drain.App{Name: name, Image: "registry.fly.io/" + name + ":v2"})
				}
			}
			if r.set != nil {
				r.set(w)
			}
		})
		if r.tune != nil {
			r.tune(&rel)
		}
		if r.beside != nil {
			r.beside(rel)
		}
		report, failure = rel.Deploy(context.Background())
		if r.beside != nil {
			r.beside(rel)
		}
	})
	return report, failure
}

// clients connects n clients an app and region, that leave one after another.
func clients(w *draintest.World, app, region string, n int, apart time.Duration) {
	for i := range n {
		w.Connect(app, "app", region, 1, time.Duration(i+1)*apart)
	}
}
