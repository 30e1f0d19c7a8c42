package draintest

import (
	"strings"
	"testing"
	"time"
)

func TestBluegreenCutsAndRefusesTwoImages(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.Do(func(w *World) { w.Connect("my-app", "", "", 6, time.Hour) })
		sh(t, f, 0, words("deploy -a my-app --image v2 --strategy bluegreen --ha=false")...)
		f.Do(func(w *World) {
			if w.Account.Cut != 6 || len(w.Breaches) == 0 {
				t.Errorf("%v %v", w.Account, w.Breaches)
			}
			w.AddMachine("my-app", "app", "iad", "v1")
		})
		_, talk := sh(t, f, 1, words("deploy -a my-app --image v3 --strategy bluegreen --ha=false")...)
		if !strings.Contains(talk, "Error: found multiple image versions") {
			t.Error(talk)
		}
	})
}
