package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// In the bubble of testing/synctest all waits take simulated time: the five minutes
// of the health timeout pass in milliseconds.
func TestAnUnhealthyImageIsGivenUpAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fly := draintest.NewFly(nil)
		fly.Do(func(w *draintest.World) {
			if err := w.AddApp("my-app", "app=iad:2"); err != nil {
				t.Fatal(err)
			}
			w.Connect("my-app", "app", "iad", 4, time.Hour)
			w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Unhealthy: true}
		})
		r := drain.Release{Check: small, Flyctl: fly.Runner()}
		r.Apps = []drain.App{{Name: "my-app", Image: "registry.fly.io/my-app:v2"}}

		begun := time.Now()
		report, err := r.Deploy(t.Context())
		if took := time.Since(begun); err == nil || report.Result != drain.ResultFailed || took < 5*time.Minute {
			t.Errorf("%v after %v: %v", report, took, err)
		}
		fly.Do(func(w *draintest.World) {
			for _, b := range w.Breaches {
				t.Error(b)
			}
			if w.Account.Cut > 0 || w.Open("17810000000001") != 2 || w.Open("17810000000002") != 2 {
				t.Errorf("%v", w.Account)
			}
		})
	})
}
