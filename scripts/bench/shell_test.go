package main

import (
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/draintest"
)

// The thread's commands run as they stand in the script: a build, a list, a
// deploy, a cordon of all, and an update of each.
func TestTheThreadsCommandsAreRunByAShell(t *testing.T) {
	needsShell(t)
	s := &scene{way: ways[0], machines: 5}
	if err := s.play(t); err != nil {
		t.Fatal(err)
	}
	s.fly.Do(func(w *draintest.World) {
		var got []string
		for _, c := range w.Commands {
			got = append(got, c.Name)
			if c.Exit != 0 {
				t.Errorf("exit code %d: %s", c.Exit, c)
			}
		}
		want := "deploy, machine list, deploy, machine cordon" + strings.Repeat(", machine update", 5)
		if strings.Join(got, ", ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
		}
	})
	if s.cut == 0 || s.least != 0.2 || len(s.blue) != 0 {
		t.Errorf("cut %d, least %v, left %v", s.cut, s.least, s.blue)
	}
}
