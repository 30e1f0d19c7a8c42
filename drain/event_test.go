package drain_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
)

// TestAPanicOfEventsEndsTheRunInOrderAndIsRaisedWhereItWasCalled panics at an event of each
// phase: in the goroutine of the run, or in that of a command.
func TestAPanicOfEventsEndsTheRunInOrderAndIsRaisedWhereItWasCalled(t *testing.T) {
	for kind, left := range map[drain.EventKind][]string{
		drain.EventPhaseBegun: {"app iad started v1"},
		drain.EventCreated:    {"app iad started v1", "app iad started v2 cordoned"},
		drain.EventUncordoned: {"app iad started v1", "app iad started v2 cordoned"},
		drain.EventCordoned:   {"app iad started v1 cordoned", "app iad started v2"},
		drain.EventIdle:       {"app iad started v1 cordoned", "app iad started v2"},
		drain.EventOutcome:    {"app iad started v2"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1")
				told, at := 0, time.Time{}
				r.Events = func(e drain.Event) {
					if told++; e.Kind == kind {
						at = e.Time
						panic("boom")
					}
					if !at.IsZero() {
						t.Errorf("it was told of %s", e.Kind)
					}
				}
				raised := func() (p any) {
					defer func() { p = recover() }()
					report, err := r.Deploy(context.Background())
					t.Errorf("it returned %v, %v", report, err)
					return nil
				}()
				if !strings.HasPrefix(fmt.Sprint(raised), "Events panicked: boom (event_test.go:") || time.Since(at) > 7*time.Second {
					t.Errorf("after %v it raised %v", time.Since(at), raised)
				}
				s.wants("my-app", left...)
				next := s.again(r, "v3")
				next.Events = nil
				s.deploy(drain.ResultDone, next)
			})
		})
	}
}

func TestAPanicOfEventsIsTheErrorOfAPipe(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		r.Events = func(drain.Event) { panic("boom") }
		steps := r.Steps(s.Context())
		s.allow("S1")
		err := drain.Run(script.Slice(s.ids("v1")[:1]), steps.Cordon, steps.AwaitIdle, steps.Destroy)
		if err == nil || !strings.Contains(err.Error(), "Events panicked: boom (event_test.go:") {
			t.Errorf("%v", err)
		}
		s.wants("my-app", "app iad started v1", "app iad started v1 cordoned")
	})
}
