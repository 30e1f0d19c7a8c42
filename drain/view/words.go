package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// message is an event in words, the same in all views; what it is about goes
// into fields.
func message(e drain.Event) string {
	switch e.Kind {
	case drain.PhaseBegun:
		return string(e.Phase) + " begins"
	case drain.PhaseEnded:
		switch {
		case e.Text != "" && e.Phase == drain.PhaseDrain:
			return "drain ended early" // each machine has told why, or the outcome does
		case e.Text != "":
			return flyctl.Printable(e.Text) // it begins with the phase
		}
		return string(e.Phase) + " done"
	case drain.Surplus:
		return "not needed"
	case drain.Baking:
		return "the old release is kept whole until " + e.Until.Format(time.TimeOnly) + ", for a rollback"
	case drain.Deadline:
		if e.Text != "" {
			return "deadline: " + flyctl.Printable(e.Text)
		}
		return "deadline, and not idle"
	case drain.Kept:
		return "left as it is: " + flyctl.Printable(e.Text)
	case drain.Gone:
		return "gone, and not by us"
	case drain.Retry:
		return "again soon: " + flyctl.Printable(e.Text)
	case drain.Warning, drain.Outcome:
		return flyctl.Printable(e.Text)
	}
	return flyctl.Printable(string(e.Kind))
}

// short is a duration as a person reads it: 40ms, 3.4s, 2m5s, 3h5m.
func short(d time.Duration) string {
	switch {
	case d < time.Second:
		d = d.Round(time.Millisecond)
	case d < 10*time.Second:
		d = d.Round(100 * time.Millisecond)
	case d < time.Hour:
		d = d.Round(time.Second)
	default:
		d = d.Round(time.Minute)
	}
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// count is a number of things: 1 machine, 2 machines.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
