package view

import (
	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
)

// Log writes a line an event to the logger: plain where its writer is not a
// terminal, and logfmt or JSON as its formatter says. Retries, warnings and
// readings that a probe does not know are warnings; all else is information.
func Log(l *log.Logger) func(drain.Event) {
	return func(e drain.Event) {
		l.Log(level(e), message(e), fields(e)...)
	}
}

func level(e drain.Event) log.Level {
	switch e.Kind {
	case drain.Warning, drain.Retry, drain.Deadline, drain.Surplus:
		return log.WarnLevel
	case drain.Connections:
		if _, known := e.Reading.Connections(); !known {
			return log.WarnLevel
		}
	}
	return log.InfoLevel
}

// message is the event in words; what it is about goes into the fields.
func message(e drain.Event) string {
	switch e.Kind {
	case drain.PhaseBegun:
		return string(e.Phase) + " begins"
	case drain.PhaseEnded:
		return string(e.Phase) + " done"
	case drain.Connections:
		return "draining"
	case drain.Surplus:
		return "not needed"
	case drain.Deadline:
		return "deadline, and not idle"
	case drain.Retry:
		return "again soon: " + e.Text
	case drain.Warning, drain.Outcome:
		return e.Text
	}
	return string(e.Kind)
}

func fields(e drain.Event) []any {
	fields := []any{"app", e.App}
	add := func(key, value string) {
		if value != "" {
			fields = append(fields, key, value)
		}
	}
	add("machine", e.Machine)
	add("group", e.Group)
	add("region", e.Region)
	if e.Reading != nil {
		if n, known := e.Reading.Connections(); known {
			fields = append(fields, "connections", n)
		} else {
			add("unknown", e.Reading.Why())
		}
	}
	if e.Took > 0 {
		add("took", e.Took.Round(e.Took/100+1).String())
	}
	return fields
}
