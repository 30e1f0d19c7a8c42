package drain

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Probe counts the open connections of machines. It is asked about all that
// drain at once, at each poll. A machine that is not in the answer is unknown.
type Probe interface {
	Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading
}

// ProbeFunc makes a [Probe] of a function.
type ProbeFunc func(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading

// Count calls the function.
func (f ProbeFunc) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	return f(ctx, fly, machines)
}

// Probes is a [Probe] that asks several, side by side. A machine's count is the
// highest that any of them knows; it is unknown when none knows. So one can
// settle what another does not know: metrics that vanish when a machine has
// nothing to do, and the sockets.
type Probes []Probe

// Count asks all of them.
func (ps Probes) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	answers := make([]map[string]Reading, len(ps))
	var g errgroup.Group
	for i, p := range ps {
		g.Go(func() error { answers[i] = p.Count(ctx, fly, machines); return nil })
	}
	_ = g.Wait()
	out := make(map[string]Reading, len(machines))
	for _, m := range machines {
		readings := make([]Reading, len(ps))
		for i := range ps {
			readings[i] = answers[i][m.ID]
		}
		out[m.ID] = highest(readings)
	}
	return out
}

// highest gives the highest count that is known, as old as the oldest of them.
func highest(readings []Reading) Reading {
	var best Reading
	var whys []string
	for _, r := range readings {
		switch {
		case !r.known:
			if why := r.Why(); !slices.Contains(whys, why) {
				whys = append(whys, why)
			}
		case !best.known:
			best = r
		default:
			best.n = max(best.n, r.n)
			if best.at.IsZero() || !r.at.IsZero() && r.at.Before(best.at) {
				best.at = r.at
			}
		}
	}
	if !best.known {
		return Unknown(strings.Join(whys, "; "))
	}
	return best
}

// askFor is how long one machine is asked for a count. One that hangs must not
// keep the others from being looked at.
const askFor = 20 * time.Second

// beside asks each machine, side by side, as far as the time goes: those that are
// not asked, or were asked when there was no time left, have the zero Reading.
func beside(ctx context.Context, machines []flyctl.Machine, ask func(context.Context, flyctl.Machine) Reading) map[string]Reading {
	readings := make([]Reading, len(machines))
	var g errgroup.Group
	g.SetLimit(flyctl.MaxParallel)
	for i, m := range machines {
		g.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			one, cancel := context.WithTimeout(ctx, askFor)
			defer cancel()
			if r := ask(one, m); r.known || ctx.Err() == nil {
				readings[i] = r
			}
			return nil
		})
	}
	_ = g.Wait()
	out := make(map[string]Reading, len(machines))
	for i, m := range machines {
		out[m.ID] = readings[i]
	}
	return out
}

// Reading is what a probe says of a machine: a number of connections, or that
// it does not know, and why. The zero Reading is unknown. Unknown is not zero:
// it never lets a machine go.
type Reading struct {
	n     int
	known bool
	why   string
	at    time.Time
}

// Known is a count. A negative one is unknown.
func Known(connections int) Reading {
	if connections < 0 {
		return Unknown(fmt.Sprintf("%d connections cannot be", connections))
	}
	return Reading{n: connections, known: true}
}

// Unknown is no count, and why.
func Unknown(why string) Reading { return Reading{why: why} }

// At is the reading with the time at which it was so, for a probe that tells of
// the past, as metrics do. Two readings of the same time are one: they do not
// confirm each other. Without a time, a reading is of the moment of the asking.
func (r Reading) At(t time.Time) Reading { r.at = t; return r }

// Connections gives the count, and whether it is known.
func (r Reading) Connections() (n int, known bool) { return r.n, r.known }

// Why says why the count is unknown.
func (r Reading) Why() string {
	if !r.known && r.why == "" {
		return "the probe did not answer"
	}
	return r.why
}

func (r Reading) String() string {
	switch {
	case !r.known:
		return "unknown: " + r.Why()
	case r.n == 1:
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", r.n)
}

// MarshalJSON gives {"connections":N} or {"unknown":"why"}.
func (r Reading) MarshalJSON() ([]byte, error) {
	if r.known {
		return json.Marshal(map[string]int{"connections": r.n})
	}
	return json.Marshal(map[string]string{"unknown": r.Why()})
}

// same tells whether two readings say the same, whenever they were so.
func (r Reading) same(o Reading) bool { return r.At(time.Time{}) == o.At(time.Time{}) }
