package view

import (
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// heartbeat is how often at most a drain that goes on says what is left.
const heartbeat = 30 * time.Second

// Log writes to the logger a line for each event that matters: each change of a
// machine, each phase, each warning, and how it ended. While machines drain, one
// line says what is left of all of them, about once a minute, and at once when some of
// it gets unknown. Each single count of connections is at debug level, and so is each
// repetition of a command beyond the first of its kind in 30 s.
//
// The logger decides what the lines look like: coloured where its writer is a
// terminal and plain elsewhere, or logfmt or JSON as its Formatter says. Text that
// is not ours (names, outputs of commands) is made harmless: one line, no escapes.
func Log(l *log.Logger) func(drain.Event) {
	v := &logView{Logger: l}
	return v.event
}

type logView struct {
	*log.Logger
	silent bool // about the outcome, which Outcome tells
	beside bool // a picture, which shows what is left
	mu     sync.Mutex
	state  state
	beat   time.Time            // when what is left was last told
	dark   bool                 // some of it was unknown then
	tried  map[string]time.Time // commands of which it was told that they are run again
}

func (v *logView) event(e drain.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	level := v.level(e)
	if !v.state.apply(e) {
		return
	}
	if e.Kind == drain.PhaseBegun && e.Phase == drain.PhaseDrain {
		v.beat, v.dark = time.Time{}, false
	}
	if e.Kind != drain.Waiting && (e.Kind != drain.Outcome || !v.silent) {
		v.Log(level, message(e), v.fields(e)...)
	}
	if v.beside {
		return
	}
	switch {
	case e.Kind == drain.Waiting:
		if t := v.state.draining(); e.Time.Sub(v.beat) >= heartbeat || t.unknown > 0 && !v.dark {
			v.tellLeft(t, e.Time, "draining")
		}
	case e.Kind == drain.PhaseEnded && e.Phase == drain.PhaseDrain:
		v.tellLeft(v.state.draining(), e.Time, "still there")
	}
}

// tellLeft says what is left of all machines that drain.
func (v *logView) tellLeft(t total, now time.Time, words string) {
	if t.machines == 0 {
		return
	}
	v.beat, v.dark = now, t.unknown > 0
	level, fields := log.InfoLevel, []any{"machines", t.machines}
	if t.known > 0 {
		fields = append(fields, "connections", t.connections)
	}
	if t.unknown > 0 {
		level, fields = log.WarnLevel, append(fields, "unknown", t.unknown, "why", flyctl.Printable(t.why))
	}
	v.Log(level, words, fields...)
}

func (v *logView) level(e drain.Event) log.Level {
	switch e.Kind {
	case drain.Warning, drain.Deadline, drain.Gone, drain.Surplus:
		return log.WarnLevel
	case drain.Kept:
		if v.state.machine(e).last == drain.Deadline { // it told so
			return log.DebugLevel
		}
		return log.WarnLevel
	case drain.Retry:
		return v.levelOfRetry(e)
	case drain.Found, drain.Connections:
		return log.DebugLevel
	case drain.PhaseEnded:
		if e.Text != "" {
			return log.ErrorLevel
		}
	case drain.Outcome:
		switch e.Result {
		case drain.Failed, drain.Left, drain.Person:
			return log.ErrorLevel
		case drain.Draining:
			return log.WarnLevel
		}
	}
	return log.InfoLevel
}

// levelOfRetry warns of each kind of command at most once in a heartbeat: what
// ails one probe mostly ails those of all machines.
func (v *logView) levelOfRetry(e drain.Event) log.Level {
	words := append(strings.Fields(e.Text), "", "", "")
	key := strings.Join(words[:3], " ") // flyctl machine exec
	if e.Time.Sub(v.tried[key]) < heartbeat {
		return log.DebugLevel
	}
	if v.tried == nil {
		v.tried = map[string]time.Time{}
	}
	v.tried[key] = e.Time
	return log.WarnLevel
}

// fields are what an event is about.
func (v *logView) fields(e drain.Event) []any {
	var fields []any
	add := func(key, value string) {
		if value != "" {
			fields = append(fields, key, flyctl.Printable(value))
		}
	}
	switch e.Kind {
	case drain.PhaseBegun, drain.PhaseEnded, drain.Outcome: // they are about all apps
	default:
		add("app", e.App)
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
	switch e.Kind {
	case drain.Retry:
		add("wait", short(e.Took))
	case drain.Idle, drain.Destroyed:
		if m := v.state.machine(e); !m.out.IsZero() {
			add("after", short(e.Time.Sub(m.out)))
		}
	default:
		if e.Took >= time.Millisecond {
			add("took", short(e.Took))
		}
	}
	return fields
}
