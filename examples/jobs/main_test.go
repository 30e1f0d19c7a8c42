package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestWorkersFinishTheirJobs(t *testing.T) {
	for name, c := range map[string]struct {
		deadline    time.Duration
		least, most time.Duration
		cut         int
	}{
		"however long that takes": {0, 3 * time.Hour, 3*time.Hour + 5*time.Minute, 0},
		"until the deadline":      {time.Hour, time.Hour, time.Hour + 5*time.Minute, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fly := draintest.NewFly(nil)
				fly.Do(func(w *draintest.World) {
					if err := w.AddApp("my-app", "app=iad:1", "worker=iad:1"); err != nil {
						t.Fatal(err)
					}
					w.Images["registry.fly.io/my-app:v1"] = inHand("2\n")
				})
				go func() {
					<-time.After(3 * time.Hour)
					fly.Do(func(w *draintest.World) { w.Images["registry.fly.io/my-app:v1"] = inHand("0\n") })
				}()
				app := drain.App{Name: "my-app", Image: "registry.fly.io/my-app:v2"}
				begun := time.Now()
				r := release(app, "/app/worker finish", c.deadline)
				r.Flyctl = fly.Runner()
				report, err := r.Deploy(t.Context())
				took := time.Since(begun)
				if err != nil || report.Result != drain.ResultDone || len(report.Apps[0].Destroyed) != 2 || report.Apps[0].Cut != c.cut {
					t.Errorf("%+v: %v", report, err)
				}
				if took < c.least || took > c.most {
					t.Errorf("it took %v", took)
				}
				fly.Do(func(w *draintest.World) {
					for _, b := range w.Breaches {
						t.Error(b)
					}
				})
				<-time.After(3 * time.Hour) // the bubble's last goroutine
			})
		})
	}
}

func inHand(jobs string) *draintest.Image {
	return &draintest.Image{Exec: map[string]draintest.ExecAnswer{"/app/worker finish": {Stdout: jobs}}}
}
