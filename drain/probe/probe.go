package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/safe"
)

// Probe counts the open connections of machines. Each poll asks it once, about all
// machines that drain; readings are by machine id. A machine without a reading is
// unknown. Count may be called by several goroutines at once. If it panics, or has not
// returned 2 s after its context has ended, all machines are unknown.
type Probe interface {
	Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading
}

// Func is a function that is a [Probe].
type Func func(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading

// Count calls the function.
func (f Func) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	return f(ctx, fly, machines)
}

// Highest is a [Probe] that asks several probes side by side. A machine's count is
// the highest that any of them knows, and unknown if none knows one. So a probe
// can stand in where another does not know: Highest{Prometheus{}, Sockets{}}
// counts sockets where the metrics have nothing.
type Highest []Probe

// Count asks all of the probes.
func (h Highest) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	answers := make([]map[string]Reading, len(h))
	var g errgroup.Group
	for i, p := range h {
		g.Go(func() error { answers[i] = ask(ctx, p, fly, machines); return nil })
	}
	_ = g.Wait()
	out := make(map[string]Reading, len(machines))
	for _, m := range machines {
		readings := make([]Reading, len(h))
		for i := range h {
			readings[i] = answers[i][m.ID]
		}
		out[m.ID] = highest(readings)
	}
	return out
}

// ask asks one probe, whatever it does.
func ask(ctx context.Context, p Probe, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	if h, ok := p.(Highest); ok {
		return h.Count(ctx, fly, machines)
	}
	readings, err := safe.Call(ctx, "the probe", func() map[string]Reading { return p.Count(ctx, fly, machines) })
	if err != nil {
		readings = make(map[string]Reading, len(machines))
		for _, m := range machines {
			readings[m.ID] = Unknown(err.Error())
		}
	}
	return readings
}

// highest returns the highest known count, with the time of the oldest known one.
func highest(readings []Reading) Reading {
	if len(readings) == 1 {
		return readings[0]
	}
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
			best.every = max(best.every, r.every)
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

// askFor is how long one machine has for its answer. One that hangs must not keep
// the others from being asked.
const askFor = 20 * time.Second

// beside asks the machines side by side, as long as there is time. A machine that
// was not asked, or whose answer the end of the time cut short, has the zero Reading.
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

// quoted returns the beginning of a text, quoted after a colon, or "" for none.
func quoted(text string) string {
	if text = flyctl.Printable(text); text == "" {
		return ""
	}
	return fmt.Sprintf(": %.120q", text)
}
