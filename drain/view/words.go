package view

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/flydrain/flydrain/drain"
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
			return clean(e.Text) // it begins with the phase
		}
		return string(e.Phase) + " done"
	case drain.Surplus:
		return "not needed"
	case drain.Baking:
		return "the old release is kept whole until " + e.Until.Format(time.TimeOnly) + ", for a rollback"
	case drain.Deadline:
		if e.Text != "" {
			return "deadline: " + clean(e.Text)
		}
		return "deadline, and not idle"
	case drain.Kept:
		return "left as it is: " + clean(e.Text)
	case drain.Gone:
		return "gone, and not by us"
	case drain.Retry:
		return "again soon: " + clean(e.Text)
	case drain.Warning, drain.Outcome:
		return clean(e.Text)
	}
	return clean(string(e.Kind))
}

// clean gives text that is safe on a terminal and in a log, whoever wrote it: one
// line, with anything that moves a cursor, changes a colour or turns the direction
// of writing around replaced by its escape.
func clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return s
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r == '\n':
			b.WriteString("; ")
		case r == '\r':
		case r == '\t' || unicode.IsSpace(r) && unicode.IsGraphic(r):
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
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
