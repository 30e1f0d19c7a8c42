package drain_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestStatusSaysWhatEachMachineDoesAndChangesNothing has a machine of each role.
func TestStatusSaysWhatEachMachineDoesAndChangesNothing(t *testing.T) {
	simulate(t, func(s *sim) {
		// Given a machine that serves, one that drains, a worker, and one on a lost host
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.Deadline = 2 * time.Hour
		s.connect("my-app", "app", "iad", 4, time.Hour)
		cordoned := time.Now()
		s.world(func(w *draintest.World) {
			live := w.Live("my-app")
			for _, m := range live[:2] {
				m.Cordoned, m.Hidden = true, true
			}
			live[1].Host = "unreachable"
			green := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v2")
			for _, m := range []*draintest.Machine{live[2], green} {
				m.Config.Env = map[string]string{"FLYDRAIN": cordoned.UTC().Format("20060102T150405Z") + "-ab12/1/2"}
			}
		})
		<-time.After(time.Minute)
		// When its status is asked for
		status, err := r.Status(s.Context())
		if err != nil {
			t.Fatal(err)
		}
		// Then each has its role, what drains its connections and a deadline, and the others none
		var got []string
		for _, m := range status.Machines {
			connections := "-"
			if m.Connections != nil {
				connections = m.Connections.String()
			}
			got = append(got, strings.Join([]string{m.Group, m.Role, connections}, " "))
			if drains := m.Role == "drains"; drains == m.Until.IsZero() {
				t.Errorf("machine %s %s, and has the deadline %v", m.Machine, m.Role, m.Until)
			} else if drains && (m.CordonedBy.Before(cordoned) || m.CordonedBy.After(status.Time) || m.Until.Sub(m.CordonedBy) != r.Deadline) {
				t.Errorf("at %v: cordoned at %v, by %v, with a deadline of 2 h until %v", status.Time, cordoned, m.CordonedBy, m.Until)
			}
		}
		if want := "[app drains 2 connections app unknown - worker runs - app serves -]"; fmt.Sprint(got) != want {
			t.Errorf("the machines are %v, want %s", got, want)
		}
		s.world(func(w *draintest.World) {
			for _, line := range w.Lines("") {
				if !strings.HasPrefix(line, "machine list") && !strings.HasPrefix(line, "machine exec") && !strings.HasPrefix(line, "version") && !strings.HasPrefix(line, "config show") {
					t.Errorf("it ran flyctl %s", line)
				}
			}
		})
	})
}

// TestAStatusHasListsWhereThereIsNothing has [] and not null in JSON.
func TestAStatusHasListsWhereThereIsNothing(t *testing.T) {
	simulate(t, func(s *sim) {
		r, wrong, denied := s.nothings()
		for name, c := range map[string]struct {
			r    drain.Release
			want string
		}{
			"nothing to do":        {r, `,"next":[]}`},
			"a setting is invalid": {wrong, `"machines":[],"next":[]}`},
			"an unknown app":       {denied, `"machines":[],"next":[]}`},
		} {
			status, err := c.r.Status(s.Context())
			text, _ := json.Marshal(status)
			if !strings.HasSuffix(string(text), c.want) || strings.Contains(string(text), "null") || (err == nil) != (name == "nothing to do") {
				t.Errorf("%s: %s, %v", name, text, err)
			}
		}
	})
}
