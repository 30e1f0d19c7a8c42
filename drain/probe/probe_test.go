package probe

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func always(r Reading) Probe {
	return Func(func(_ context.Context, _ *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
		out := map[string]Reading{}
		for _, m := range machines {
			out[m.ID] = r
		}
		return out
	})
}

func TestOfSeveralProbesTheHighestKnownCountCounts(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	silent := Func(func(context.Context, *flyctl.Client, []flyctl.Machine) map[string]Reading { return nil })
	for name, c := range map[string]struct {
		probes Highest
		want   Reading
	}{
		"none":                      {Highest{}, Unknown("")},
		"one":                       {Highest{always(Known(3))}, Known(3)},
		"one that is silent":        {Highest{silent}, Reading{}},
		"the second":                {Highest{always(Known(3)), always(Known(5))}, Known(5)},
		"the first":                 {Highest{always(Known(5)), always(Known(3))}, Known(5)},
		"the one that knows":        {Highest{always(Unknown("a")), always(Known(0)), silent}, Known(0)},
		"none knows":                {Highest{always(Unknown("a")), silent, always(Unknown("b")), always(Unknown("a"))}, Unknown("a; the probe did not answer; b")},
		"as old as the oldest":      {Highest{always(KnownAt(0, late, time.Minute)), always(KnownAt(2, early, time.Minute)), always(Known(1))}, KnownAt(2, early, time.Minute)},
		"as slow as the slowest":    {Highest{always(KnownAt(0, early, time.Minute)), always(KnownAt(2, late, time.Hour))}, KnownAt(2, early, time.Hour)},
		"as old as the only one":    {Highest{always(Known(0)), always(KnownAt(0, late, time.Minute))}, KnownAt(0, late, time.Minute)},
		"not as old as one unknown": {Highest{always(Unknown("a")), always(KnownAt(0, late, time.Minute))}, KnownAt(0, late, time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.probes.Count(t.Context(), nil, []flyctl.Machine{{ID: "m1"}})["m1"]
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestAProbeThatPanicsOrDoesNotReturnIsUnknownAndAnotherStillKnows(t *testing.T) {
	for want, count := range map[string]func(){
		"unknown: the probe panicked: boom (probe_test.go:":            func() { panic("boom") },
		"unknown: the probe did not answer: context deadline exceeded": func() { <-time.After(time.Hour) },
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				bad := Func(func(context.Context, *flyctl.Client, []flyctl.Machine) map[string]Reading { count(); return nil })
				begun := time.Now()
				got := Highest{bad}.Count(ctx, nil, []flyctl.Machine{{ID: "m1"}, {ID: "m2"}})
				if !strings.HasPrefix(got["m1"].String(), want) || got["m2"] != got["m1"] || time.Since(begun) > time.Minute+5*time.Second {
					t.Errorf("after %v: %v", time.Since(begun), got)
				}
				ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if got := (Highest{Highest{bad, always(Known(3))}}).Count(ctx, nil, []flyctl.Machine{{ID: "m1"}}); got["m1"] != Known(3) {
					t.Errorf("beside one that knows: %v", got)
				}
				<-time.After(time.Hour) // for what is left to itself
			})
		})
	}
}
