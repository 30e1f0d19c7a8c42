package draintest

import (
	"strings"
	"testing"
	"time"
)

func TestAReleaseCommandThatFailsMakesNothing(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, _ []string) {
		f.Do(func(w *World) {
			w.Apps["my-app"].Config.Deploy.ReleaseCommand = "migrate"
			w.Images["v2"] = &Image{ReleaseFails: true}
		})
		_, talk := sh(t, f, 1, words("deploy -a my-app --image v2 --only-machines none --detach")...)
		if !strings.Contains(talk, "Error: release command failed - aborting deployment.") || !strings.HasSuffix(groupsOf(f), "app:iad:v1") {
			t.Error(talk, groupsOf(f))
		}
		sh(t, f, 0, words("deploy -a my-app --image v2 --only-machines none --detach --ha=false --skip-release-command")...)
		if !strings.HasSuffix(groupsOf(f), " app:iad:") {
			t.Error(groupsOf(f))
		}
	})
}

func TestANewMachineIsLeasedUnlessToldNot(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, _ []string) {
		f.Do(func(w *World) { w.Latency = time.Second })
		leased := func(args string) (leased bool) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				sh(t, f, 0, words("deploy -a my-app --image v2 --only-machines none --detach --ha=false "+args)...)
			}()
			for n := 0; n == 0; time.Sleep(10 * time.Millisecond) {
				f.Do(func(w *World) {
					for _, m := range w.Live("my-app") {
						if m.Config.Image == "v2" && m.State == "created" {
							n, leased = n+1, m.Lease != nil
						}
					}
				})
			}
			<-done
			return leased
		}
		if !leased("") || leased("--wait-timeout none") {
			t.Error("a lease where there should be none, or none where there should be")
		}
	})
}

func TestADetachedDeployWaitsForListening(t *testing.T) {
	took := func(t *testing.T, image Image, args string) (d time.Duration) {
		fly(t, func(t *testing.T, f *Fly, _ []string) {
			f.Do(func(w *World) { w.Images["v2"] = &image })
			start := time.Now()
			sh(t, f, 0, words("deploy -a my-app --image v2 --only-machines none --detach --ha=false --wait-timeout none "+args)...)
			d = time.Since(start)
		})
		return d
	}
	if d := took(t, Image{}, ""); d < 3*time.Second || d > 5*time.Second {
		t.Errorf("a healthy one took %s", d)
	}
	if d := took(t, Image{Unhealthy: true}, ""); d < 15*time.Second || d > 20*time.Second {
		t.Errorf("an unhealthy one took %s", d)
	}
	if d := took(t, Image{Unhealthy: true}, "--strategy immediate"); d > time.Second {
		t.Errorf("immediate took %s", d)
	}
}
