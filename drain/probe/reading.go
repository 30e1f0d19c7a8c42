package probe

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Reading is what a probe knows of a machine: a number of connections, or why the
// number is unknown. The zero Reading is unknown: the probe did not answer.
// Unknown is never zero.
type Reading struct {
	n     int
	known bool
	why   string
	at    time.Time
	every time.Duration
}

// Known returns a count of this moment. A negative count is unknown.
func Known(connections int) Reading {
	if connections < 0 {
		return Unknown(fmt.Sprintf("invalid count %d", connections))
	}
	return Reading{n: connections, known: true}
}

// KnownAt returns a count that was taken at an earlier time, by a source that
// counts once per every, as metrics do. Two readings with the same time are the
// same count: the second does not confirm the first. A negative count is unknown.
func KnownAt(connections int, at time.Time, every time.Duration) Reading {
	r := Known(connections)
	if r.known {
		r.at, r.every = at, every
	}
	return r
}

// Unknown returns a reading without a count, and why there is none, as
// [flyctl.Printable] makes it safe.
func Unknown(why string) Reading { return Reading{why: flyctl.Printable(why)} }

// Connections returns the count, and reports whether it is known.
func (r Reading) Connections() (n int, known bool) { return r.n, r.known }

// Time returns when the count was taken. It is zero for one that was taken when
// the probe was asked, and for an unknown one.
func (r Reading) Time() time.Time { return r.at }

// Every returns how long after a count its source takes the next one. It is zero
// where each question is a count of its own.
func (r Reading) Every() time.Duration { return r.every }

// Why returns why the count is unknown, or "" if it is known.
func (r Reading) Why() string {
	if !r.known && r.why == "" {
		return "the probe did not answer"
	}
	return r.why
}

// String returns the count, or "unknown: " and why. It leaves out the time: two
// readings with the same text say the same.
func (r Reading) String() string {
	switch {
	case !r.known:
		return "unknown: " + r.Why()
	case r.n == 1:
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", r.n)
}

// MarshalJSON returns {"connections":N} or {"unknown":"why"}.
func (r Reading) MarshalJSON() ([]byte, error) {
	if r.known {
		return json.Marshal(map[string]int{"connections": r.n})
	}
	return json.Marshal(map[string]string{"unknown": r.Why()})
}
