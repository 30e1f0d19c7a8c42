package main

import (
	"errors"
	"testing"
	"time"
)

// The times and calls are those of flyctl 0.4.87 itself, against a server that
// answers as Fly's API does, with this scene's times and Fly's rate limits: from
// its start until the last blue machine was cordoned, and until its end.
func TestTheModelOfBluegreenTakesAsLongAsFlyctl(t *testing.T) {
	for _, c := range []struct {
		machines, maxConcurrent int
		unlimited               bool
		took                    time.Duration
		calls                   int
	}{
		{5, 8, false, 16940 * time.Millisecond, 97},
		{20, 1, false, 35600 * time.Millisecond, 461},
		{20, 8, true, 14560 * time.Millisecond, 314},
	} {
		s := &scene{way: ways[1], machines: c.machines, maxConcurrent: c.maxConcurrent}
		s.unlimited = c.unlimited
		if err := s.play(t); err != nil {
			t.Fatal(err)
		}
		if d := (s.cutover - c.took).Abs(); d > c.took/20 {
			t.Errorf("%d machines: the model takes %v, and flyctl %v", c.machines, s.cutover, c.took)
		}
		if d := max(s.calls-c.calls, c.calls-s.calls); d > c.calls/5 {
			t.Errorf("%d machines: the model makes %d calls, and flyctl %d", c.machines, s.calls, c.calls)
		}
	}
}

// Flyctl itself did so too: "failed to launch VM: resource_exhausted: rate limit exceeded".
func TestTheModelOfBluegreenFailsOfTheRateLimitAsFlyctlDoes(t *testing.T) {
	for _, c := range []struct{ machines, maxConcurrent int }{{6, 8}, {20, 8}, {20, 2}} {
		s := &scene{way: ways[1], machines: c.machines, maxConcurrent: c.maxConcurrent}
		if err := s.play(t); !errors.Is(err, errRateLimited) {
			t.Errorf("%d machines, %d at once: %v", c.machines, c.maxConcurrent, err)
		}
	}
}
