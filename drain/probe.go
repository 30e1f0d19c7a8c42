package drain

import (
	"context"
	"encoding/json"
	"fmt"

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

// Reading is what a probe says of a machine: a number of connections, or that
// it does not know, and why. The zero Reading is unknown. Unknown is not zero:
// it never lets a machine go.
type Reading struct {
	n     int
	known bool
	why   string
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
