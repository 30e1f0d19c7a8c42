package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
)

// message returns an event in words, the same in all views. What it is about goes
// into fields.
func message(e drain.Event) string {
	switch e.Kind {
	case drain.EventPhaseBegun:
		return string(e.Phase) + " begins"
	case drain.EventPhaseEnded:
		switch {
		case onlyInterrupted(e.Why):
			return string(e.Phase) + " interrupted"
		case e.Why != "" && e.Phase == drain.PhaseDrain:
			return "drain ends, and machines are left"
		case e.Why != "":
			return string(e.Phase) + " failed"
		}
		return string(e.Phase) + " done"
	case drain.EventDeadline:
		if e.Why != "" {
			return "deadline: " + e.Why
		}
		return "not idle at its deadline"
	case drain.EventCordoned:
		if e.Why != "" {
			return "cordoned: " + e.Why
		}
	case drain.EventKept:
		return "left as it is: " + e.Why
	case drain.EventDisappeared:
		return "disappeared (not destroyed by flydrain)"
	case drain.EventRetry:
		return "retrying: " + e.Why
	case drain.EventOutput:
		return e.Output
	case drain.EventWarning, drain.EventOutcome, drain.EventWaiting:
		return e.Why
	}
	return string(e.Kind)
}

// short returns a duration as a person reads it: 40ms, 3.4s, 2m5s, 3h5m.
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

// count returns a number of things: 1 machine, 2 machines.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
