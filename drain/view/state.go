package view

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain"
)

// state is what the events of a run add up to.
type state struct {
	phases   []*phase
	machines []*machine // in the order in which they were first heard of
	byKey    map[[2]string]*machine
	counting bool // all that drains has been looked at once
	left     []point
	outcome  drain.Event
	baking   time.Time // blue is kept whole until then
	warnings []drain.Event
}

// phase is one part of a run.
type phase struct {
	name   drain.Phase
	begun  time.Time
	took   time.Duration
	ended  bool
	failed string
}

// apply adds an event. It tells whether it is news: what is about a whole release
// comes once an app where each app has a listener of its own.
func (s *state) apply(e drain.Event) bool {
	switch e.Kind {
	case drain.PhaseBegun:
		return s.begin(e)
	case drain.PhaseEnded:
		p := s.phase()
		if p == nil || p.name != e.Phase || p.ended {
			return false
		}
		p.ended, p.took, p.failed = true, e.Took, e.Text
		if p.name == drain.PhaseDrain {
			s.note(e.Time)
		}
		return true
	case drain.Outcome:
		if s.outcome.Kind != "" && s.outcome.Text == e.Text {
			return false
		}
		s.outcome = e
		return true
	case drain.Warning, drain.Retry:
		s.warnings = append(s.warnings[max(0, len(s.warnings)-maxWarnings+1):], e)
		return true
	case drain.Waiting:
		s.note(e.Time)
	case drain.Baking:
		if s.baking.Equal(e.Until) {
			return false
		}
		s.baking = e.Until
	}
	if e.Machine != "" {
		s.machine(e).apply(e)
	}
	switch e.Kind {
	case drain.Idle, drain.Gone, drain.Kept:
		s.note(e.Time)
	}
	return true
}

// maxWarnings is how many warnings are kept for the summary.
const maxWarnings = 50

func (s *state) begin(e drain.Event) bool {
	if s.outcome.Kind != "" { // another run of the same program
		*s = state{}
	}
	if p := s.phase(); p != nil && p.name == e.Phase && !p.ended {
		return false
	}
	s.phases = append(s.phases, &phase{name: e.Phase, begun: e.Time})
	return true
}

// phase is the newest one, nil before the first.
func (s *state) phase() *phase {
	if len(s.phases) == 0 {
		return nil
	}
	return s.phases[len(s.phases)-1]
}

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

// total is what is left of the machines that are on their way out.
type total struct {
	machines    int
	known       int // of how many a count is known
	connections int // of these
	unknown     int
	why         string // one of the reasons
}

// draining sums up the machines that are on their way out.
func (s *state) draining() total {
	var t total
	for _, m := range s.machines {
		if !m.leaving() {
			continue
		}
		t.machines++
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

// point is how many connections were left at a time.
type point struct {
	at time.Time
	n  int
}

// maxPoints is how many points of a drain are kept: more than a chart can show.
const maxPoints = 512

// note keeps how many connections are left, from when all of them were counted
// once. What is not known now is taken for what it was when it was known.
func (s *state) note(at time.Time) {
	n, uncounted := 0, false
	for _, m := range s.machines {
		if m.leaving() || m.last == drain.Kept {
			n += m.n
			uncounted = uncounted || !m.read && m.last != drain.Idle && m.last != drain.Stopped
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

// thin drops every other point but the last.
func thin(ps []point) []point {
	last := ps[len(ps)-1]
	i := 0
	ps = slices.DeleteFunc(ps, func(point) bool { i++; return i%2 == 0 })
	if ps[len(ps)-1] != last {
		ps = append(ps, last)
	}
	return ps
}
