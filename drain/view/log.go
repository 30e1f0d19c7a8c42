package view

import (
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
)

// heartbeat is how often at most a running drain says what is left.
const heartbeat = 30 * time.Second

// Log returns a listener that writes a line to the logger for each change of a
// machine, each phase, each warning, and for how the run ended. While machines drain,
// one line says what is left of all of them: about once a minute, and at once when a
// count becomes unknown. Single counts are at debug level. So is the retry of a command
// if one was logged less than 30 s ago. What builds and deploys print is at info level;
// a logger that does not show that gets the last 40 lines with a failure.
//
// The logger decides what the lines look like: coloured where its writer is a
// terminal and plain elsewhere, or logfmt or JSON as its Formatter says. Text from
// outside (names, outputs of commands) is made harmless: one line, no escapes.
func Log(l *log.Logger) func(drain.Event) {
	v := &logView{Logger: l}
	return v.event
}

// logOptions are those of our own loggers.
var logOptions = log.Options{ReportTimestamp: true, TimeFormat: time.TimeOnly}

type logView struct {
	*log.Logger
	silent  bool // about the outcome: Outcome prints it
	beside  bool // a picture, which shows what is left
	mu      sync.Mutex
	state   state
	beat    time.Time            // when what is left was last logged
	unknown bool                 // some of it was unknown then
	retried map[string]time.Time // kinds of commands, and when a retry was last logged
	failed  drain.Event          // a phase that has just failed: why is said when the run undoes it, or else by the outcome
}

func (v *logView) event(e drain.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	level := v.level(e)
	v.state.apply(e)
	if e.Kind == drain.EventPhaseBegun {
		v.beat, v.unknown = time.Time{}, false
	}
	if printed := (drain.Event{Kind: drain.EventOutput}); e.Kind == drain.EventPhaseEnded && e.Why != "" && !onlyInterrupted(e.Why) && v.level(printed) < v.GetLevel() {
		for _, line := range v.state.printed { // they were not logged as they came
			v.Print(line)
		}
	}
	if v.beside && e.Kind == drain.EventPhaseEnded {
		return // the picture shows it
	}
	if v.failed.Why != "" && e.Kind != drain.EventOutcome {
		v.Log(log.ErrorLevel, "undoing it: "+v.failed.Why)
	}
	if v.failed = (drain.Event{}); e.Kind == drain.EventPhaseEnded {
		v.failed = e
	}
	if (e.Kind != drain.EventWaiting || e.Why != "") && (e.Kind != drain.EventOutcome || !v.silent) {
		v.Log(level, message(e), v.fields(e)...)
	}
	if v.beside {
		return
	}
	switch {
	case e.Kind == drain.EventWaiting && e.Why == "":
		if t := totalOf(v.state.leaving()); e.Time.Sub(v.beat) >= heartbeat || t.unknown > 0 && !v.unknown {
			v.logLeft(t, e.Time, "draining")
		}
	case e.Kind == drain.EventPhaseEnded && drainsIn(e.Phase):
		v.logLeft(totalOf(v.state.leaving()), e.Time, "still there")
	}
}

// logLeft logs what is left of all machines that drain.
func (v *logView) logLeft(t total, now time.Time, words string) {
	if t.machines == 0 {
		return
	}
	v.beat, v.unknown = now, t.unknown > 0
	level, fields := log.InfoLevel, []any{"machines", t.machines}
	if t.known > 0 {
		fields = append(fields, "connections", t.connections)
	}
	if t.unknown > 0 {
		level, fields = log.WarnLevel, append(fields, "unknown", t.unknown, "why", t.why)
	}
	v.Log(level, words, fields...)
}

func (v *logView) level(e drain.Event) log.Level {
	switch e.Kind {
	case drain.EventWarning, drain.EventDeadline, drain.EventDisappeared:
		return log.WarnLevel
	case drain.EventCordoned:
		if e.Why != "" {
			return log.WarnLevel
		}
	case drain.EventKept:
		if v.state.machine(e).last == drain.EventDeadline { // that line said so
			return log.DebugLevel
		}
		return log.WarnLevel
	case drain.EventRetry:
		return v.levelOfRetry(e)
	case drain.EventFound, drain.EventConnections:
		return log.DebugLevel
	case drain.EventOutput:
		if v.beside { // it shows the last line
			return log.DebugLevel
		}
	case drain.EventWaiting:
		if p := v.state.phase(); e.Until.IsZero() || p != nil && p.name == drain.PhaseGate { // that changes with each machine
			return log.DebugLevel
		}
	case drain.EventPhaseEnded:
		switch {
		case e.Why != "" && e.Phase == drain.PhaseDrain:
			return log.WarnLevel
		case e.Why != "":
			return log.ErrorLevel
		}
	case drain.EventOutcome:
		switch e.Result {
		case drain.ResultDone:
		case drain.ResultDraining:
			return log.WarnLevel
		default:
			return log.ErrorLevel
		}
	}
	return log.InfoLevel
}

// levelOfRetry warns of each kind of command at most once in a heartbeat: what makes
// the probe of one machine fail mostly makes those of all machines fail.
func (v *logView) levelOfRetry(e drain.Event) log.Level {
	words := append(strings.Fields(e.Why), "", "", "")
	key := strings.Join(words[:3], " ") // flyctl machine exec
	if e.Time.Sub(v.retried[key]) < heartbeat {
		return log.DebugLevel
	}
	if v.retried == nil {
		v.retried = map[string]time.Time{}
	}
	v.retried[key] = e.Time
	return log.WarnLevel
}

// fields returns what an event is about.
func (v *logView) fields(e drain.Event) []any {
	var fields []any
	add := func(key, value string) {
		if value != "" {
			fields = append(fields, key, value)
		}
	}
	switch e.Kind {
	case drain.EventPhaseBegun, drain.EventPhaseEnded, drain.EventOutcome: // they are about all apps
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
	case drain.EventRetry:
		add("wait", short(e.Took))
	case drain.EventIdle, drain.EventDestroyed:
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
