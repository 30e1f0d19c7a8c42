package view

import (
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
)

// machine is what the events so far say about one machine.
type machine struct {
	app, id, group, region string
	role                   string // in the release, once it has ended

	found   bool // it was uncordoned when the run began
	created bool
	last    drain.EventKind
	at      time.Time // of the last
	why     string    // why it is kept

	out     time.Time // since when it is on its way out, as far as we know
	read    bool      // a probe has been asked
	reading probe.Reading
	n       int // connections when they were last known
	first   int // when they were first known
	counted bool
	most    int
	limit   int
	until   time.Time
	counts  []point // of the last minutes
	changed time.Time
}

// apply adds an event.
func (m *machine) apply(e drain.Event) {
	if e.Group != "" {
		m.group = e.Group
	}
	if e.Region != "" {
		m.region = e.Region
	}
	switch e.Kind {
	case drain.EventFound:
		m.found = true
	case drain.EventCreated:
		m.created = true
	case drain.EventUncordoned:
		m.out, m.counted, m.read, m.n, m.counts = time.Time{}, false, false, 0, nil
	case drain.EventKept:
		m.why = e.Why
	case drain.EventConnections:
		m.connections(e)
	}
	m.last, m.at = e.Kind, e.Time
	if m.leaving() && m.out.IsZero() {
		m.out = e.Time
	}
}

// rateWindow is how far back the rate looks at which connections end.
const rateWindow = 10 * time.Minute

func (m *machine) connections(e drain.Event) {
	if e.Reading == nil {
		return
	}
	m.read, m.reading, m.limit, m.until, m.changed = true, *e.Reading, e.Limit, e.Until, e.Time
	n, known := e.Reading.Connections()
	if !known {
		return
	}
	if !m.counted {
		m.counted, m.first, m.most = true, n, n
	}
	m.n, m.most = n, max(m.most, n)
	m.counts = append(m.counts, point{e.Time, n})
	if len(m.counts) > 64 {
		m.counts = thin(m.counts)
	}
	for len(m.counts) > 2 && e.Time.Sub(m.counts[1].at) > rateWindow {
		m.counts = m.counts[1:]
	}
}

// count returns how many connections it has, and reports whether that is known.
func (m *machine) count() (n int, known bool) {
	switch m.last {
	case drain.EventIdle, drain.EventStopped:
		return 0, true
	}
	return m.reading.Connections()
}

// leaving reports whether it is on its way out, and still there.
func (m *machine) leaving() bool {
	switch m.last {
	case drain.EventCordoned, drain.EventConnections, drain.EventIdle, drain.EventDeadline, drain.EventStopped:
		return true
	}
	return false
}

// went reports whether it is gone, and since when.
func (m *machine) went() (at time.Time, gone bool) {
	return m.at, m.last == drain.EventDestroyed || m.last == drain.EventDisappeared
}

// perMinute returns how many connections end in a minute; 0 where none do.
func (m *machine) perMinute(now time.Time) float64 {
	if len(m.counts) < 2 {
		return 0
	}
	first := m.counts[0]
	took := now.Sub(first.at)
	if took < time.Second || m.n >= first.n {
		return 0
	}
	return float64(first.n-m.n) / took.Minutes()
}

// tooFar is the time after which an estimate is useless.
const tooFar = 100 * time.Hour

// ends returns how long it may still take, by the recent rate and by its deadline.
// sure means that it is the deadline; ok, that there is an answer.
func (m *machine) ends(now time.Time) (in time.Duration, sure, ok bool) {
	n, known := m.count()
	if rate := m.perMinute(now); rate > 0 && known {
		if minutes := float64(max(0, n-m.limit)) / rate; minutes < tooFar.Minutes() {
			in, ok = time.Duration(minutes*float64(time.Minute)), true
		}
	}
	if left := max(0, m.until.Sub(now)); !m.until.IsZero() && (!ok || left < in) {
		return left, true, true
	}
	return in, false, ok
}
