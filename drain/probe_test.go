package drain

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func always(r Reading) Probe {
	return ProbeFunc(func(_ context.Context, _ *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
		out := map[string]Reading{}
		for _, m := range machines {
			out[m.ID] = r
		}
		return out
	})
}

func TestOfSeveralProbesTheHighestThatIsKnown(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	silent := ProbeFunc(func(context.Context, *flyctl.Client, []flyctl.Machine) map[string]Reading { return nil })
	for name, c := range map[string]struct {
		probes Probes
		want   Reading
	}{
		"none":                      {Probes{}, Unknown("")},
		"one":                       {Probes{always(Known(3))}, Known(3)},
		"the second":                {Probes{always(Known(3)), always(Known(5))}, Known(5)},
		"the first":                 {Probes{always(Known(5)), always(Known(3))}, Known(5)},
		"the one that knows":        {Probes{always(Unknown("a")), always(Known(0)), silent}, Known(0)},
		"none knows":                {Probes{always(Unknown("a")), silent, always(Unknown("b")), always(Unknown("a"))}, Unknown("a; the probe did not answer; b")},
		"as old as the oldest":      {Probes{always(Known(0).At(late)), always(Known(2).At(early)), always(Known(1))}, Known(2).At(early)},
		"as old as the only one":    {Probes{always(Known(0)), always(Known(0).At(late))}, Known(0).At(late)},
		"not as old as one unknown": {Probes{always(Unknown("a").At(early)), always(Known(0).At(late))}, Known(0).At(late)},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.probes.Count(t.Context(), nil, []flyctl.Machine{{ID: "m1"}})["m1"]
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestReadingsInWords(t *testing.T) {
	for want, r := range map[string]Reading{
		`0 connections {"connections":0}`:                                          Known(0),
		`1 connection {"connections":1}`:                                           Known(1),
		`unknown: no cat {"unknown":"no cat"}`:                                     Unknown("no cat"),
		`unknown: the probe did not answer {"unknown":"the probe did not answer"}`: {},
		`unknown: -1 connections cannot be {"unknown":"-1 connections cannot be"}`: Known(-1),
	} {
		data, err := json.Marshal(r)
		if got := r.String() + " " + string(data); got != want || err != nil {
			t.Errorf("got %s (%v), want %s", got, err, want)
		}
	}
}
