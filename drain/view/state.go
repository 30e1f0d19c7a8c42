package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
)

// state is what the events of a run so far say.
type state struct {
	phases   []*phase
	machines []*machine // in the order in which they were first heard of
	byKey    map[[2]string]*machine
	counting bool // all that drains has been looked at once
	left     []point
	outcome  drain.Event
	waiting  drain.Event   // what the phase waits for, and until when
	opened   time.Time     // when the cutover uncordoned its first machine
	both     time.Duration // blue and green both served
	warnings []drain.Event
	printed  []string // the last lines that the commands of the phase have printed
}

// phase is one part of a run.
type phase struct {
	name   drain.Phase
	begun  time.Time
	took   time.Duration
	ended  bool
	failed string
}

// apply adds an event.
func (s *state) apply(e drain.Event) {
	switch e.Kind {
	case drain.EventPhaseBegun:
		if s.outcome.Kind != "" { // another run of the same program
			*s = state{}
		}
		s.phases = append(s.phases, &phase{name: e.Phase, begun: e.Time})
		s.waiting, s.printed = drain.Event{}, nil
		return
	case drain.EventPhaseEnded:
		if p := s.phase(); p != nil {
			p.ended, p.took, p.failed = true, e.Took, e.Why
		}
	case drain.EventOutcome:
		s.outcome = e
		return
	case drain.EventWarning, drain.EventRetry:
		s.warnings = append(s.warnings[max(0, len(s.warnings)-maxWarnings+1):], e)
		return
	case drain.EventOutput:
		s.printed = append(s.printed[max(0, len(s.printed)-maxPrinted+1):], e.Output)
		return
	case drain.EventUncordoned, drain.EventCordoned:
		s.cutover(e)
	}
	if e.Machine != "" {
		s.machine(e).apply(e)
	}
	switch e.Kind {
	case drain.EventWaiting:
		if e.Why != "" {
			s.waiting = e
			return
		}
		s.note(e.Time)
	case drain.EventIdle, drain.EventDisappeared, drain.EventKept:
		s.note(e.Time)
	case drain.EventPhaseEnded:
		if drainsIn(e.Phase) {
			s.note(e.Time)
		}
	}
}

// cutover notes how long blue and green both served.
func (s *state) cutover(e drain.Event) {
	if p := s.phase(); p == nil || p.name != drain.PhaseCutover || p.ended {
		return
	}
	switch {
	case e.Kind == drain.EventUncordoned && s.opened.IsZero():
		s.opened = e.Time
	case e.Kind == drain.EventCordoned && !s.opened.IsZero():
		s.both = e.Time.Sub(s.opened)
	}
}

// maxWarnings is how many warnings are kept for the summary. maxPrinted is how many lines
// of a command's output are kept for its failure.
const maxWarnings, maxPrinted = 50, 40

// phase returns the newest one, or nil before the first.
func (s *state) phase() *phase {
	if len(s.phases) == 0 {
		return nil
	}
	return s.phases[len(s.phases)-1]
}

// failed returns why the newest phase failed or, while a run undoes it, the one
// before; "" if neither did.
func (s *state) failed() string {
	n := len(s.phases)
	if n > 1 && s.phases[n-1].name == drain.PhaseUndo {
		n--
	}
	if n == 0 {
		return ""
	}
	return s.phases[n-1].failed
}

// drainsIn reports whether machines drain in a phase.
func drainsIn(p drain.Phase) bool { return p == drain.PhaseDrain || p == drain.PhaseUndo }

func (s *state) machine(e drain.Event) *machine {
	key := [2]string{e.App, e.Machine}
	m := s.byKey[key]
	if m == nil {
		m = &machine{app: e.App, id: e.Machine}
		if s.byKey == nil {
			s.byKey = map[[2]string]*machine{}
		}
		s.byKey[key] = m
		s.machines = append(s.machines, m)
	}
	return m
}

// total sums up machines.
type total struct {
	machines    int
	known       int    // machines with a known count
	connections int    // of those
	unknown     int    // machines with an unknown count; the others are not counted yet
	why         string // one of the reasons
}

func totalOf(ms []*machine) total {
	t := total{machines: len(ms)}
	for _, m := range ms {
		if n, known := m.count(); known {
			t.known++
			t.connections += n
		} else if m.read {
			t.unknown++
			t.why = m.reading.Why()
		}
	}
	return t
}

// String returns what is left, such as "12 connections, 1 unknown".
func (t total) String() string {
	uncounted := t.machines - t.known - t.unknown
	if uncounted == t.machines {
		return "not counted yet"
	}
	var parts []string
	if t.known > 0 {
		parts = append(parts, count(t.connections, "connection"))
	}
	if t.unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d unknown", t.unknown))
	}
	if uncounted > 0 {
		parts = append(parts, fmt.Sprintf("%d not counted yet", uncounted))
	}
	return strings.Join(parts, ", ")
}

// note keeps how many connections are left, from the time when every machine was
// counted once. A count that is unknown now stays at its last known value.
func (s *state) note(at time.Time) {
	n, uncounted := 0, false
	for _, m := range s.machines {
		if m.leaving() || m.last == drain.EventKept {
			n += m.n
			uncounted = uncounted || !m.read && m.last != drain.EventIdle && m.last != drain.EventStopped
		}
	}
	if s.counting = s.counting || !uncounted; !s.counting {
		return
	}
	s.left = append(s.left, point{at, n})
	if len(s.left) > maxPoints {
		s.left = thin(s.left)
	}
}

// leaving returns the machines that are on their way out.
func (s *state) leaving() []*machine {
	var out []*machine
	for _, m := range s.machines {
		if m.leaving() {
			out = append(out, m)
		}
	}
	return out
}

// drains reports whether the run waits for machines. In the cutover it does not wait
// for those that it has cordoned: they are counted when all of them are.
func (s *state) drains() bool {
	p := s.phase()
	return p == nil || drainsIn(p.name)
}
