package draintest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Looked records what a probe said of a machine, for S4: flyctl's exec does so by
// itself, a test's Prometheus has to. What is said within a second is one look of
// several probes: the highest count that any of them knows.
func (w *World) Looked(id string, known bool, count int) {
	m := w.Machines[id]
	if m == nil {
		return
	}
	if l := m.Look; l != nil && l.Known && w.Now.Sub(l.At) <= time.Second {
		if known {
			l.Count = max(l.Count, count)
		}
		return
	}
	m.Look = &look{w.Now, known, count}
}

// Baseline takes the machines that take traffic now as those that S1 keeps. The
// first command that changes something does so where nobody has.
func (w *World) Baseline() {
	w.Base = map[string]int{}
	for _, ms := range w.groups {
		for _, m := range ms {
			if m.counts() {
				w.Base[place(m)]++
			}
		}
	}
}

func (w *World) baseline(b by) {
	if b.Ours && w.Base == nil {
		w.Baseline()
	}
}

func ofMark(app, mark string) string { return app + " of " + mark }

func place(m *Machine) string { return m.App + "/" + m.Group() + "/" + m.Region }

func (w *World) takers(m *Machine) int {
	return count(w.groups[m.App+"/"+m.Group()], func(o *Machine) bool { return o.Region == m.Region && o.counts() })
}

// counts reports whether a machine serves and is meant to: green that is
// not held yet does not belong to what there was.
func (m *Machine) counts() bool {
	_, marked := m.Mark()
	return m.Takes() && (m.Opened || !m.Made || !marked)
}

// outside is a change that no command makes: what it takes away is not missed.
func (w *World) outside(m *Machine, who string, f func()) { w.change(by{Who: who}, m, "", f) }

// change does something to a machine and holds it to the rules.
func (w *World) change(b by, m *Machine, verb string, f func()) {
	w.baseline(b)
	before, key := m.Takes(), place(m)
	defer func() {
		if b.Ours && (m.State == "stopping" || m.State == "stopped") {
			m.Passed = false // what this took away is told; the proxy starts it when a connection comes
		}
	}()
	if b.Ours {
		w.checkCall(b, m, verb)
	}
	f()
	if mark, ok := m.mark(); ok && !b.Ours && m.State == "destroyed" {
		w.Lost = append(w.Lost, loss{w.Now, ofMark(m.App, mark.id)})
	}
	if !before || m.Takes() {
		return
	}
	left := w.takers(m)
	if !b.Ours {
		if w.Base != nil {
			w.Base[key] = min(w.Base[key], left)
			w.Lost = append(w.Lost, loss{w.Now, key})
		}
		return
	}
	if left+w.lately(key) < w.Base[key] && !slices.Contains(w.Dropped, m.App+"/"+m.Group()) {
		w.breach("S1", b, m, fmt.Sprintf("%d of %d machines serve in %s", left, w.Base[key], key))
	}
}

// lately counts what outside events took in a place a moment ago, and forgets the rest.
func (w *World) lately(key string) int {
	w.Lost = slices.DeleteFunc(w.Lost, func(l loss) bool { return w.Now.Sub(l.At) > w.grace() })
	return count(w.Lost, func(l loss) bool { return l.Place == key })
}

func count[T any](all []T, is func(T) bool) (n int) {
	for _, one := range all {
		if is(one) {
			n++
		}
	}
	return n
}

func (w *World) grace() time.Duration { return cmp.Or(w.Grace, 10*time.Second) }

// checkCall holds a call to the rules S2 to S5, before it has its effect.
func (w *World) checkCall(b by, m *Machine, verb string) {
	w.checkOwn(b, m, verb)
	switch verb {
	case "stop", "destroy", "update":
		w.checkIdle(b, m, verb)
	case "uncordon":
		w.checkGate(b, m)
		m.Opened = true
	}
}

func (w *World) checkOwn(b by, m *Machine, verb string) {
	if !m.managed() {
		w.breach("S3", b, m, verb+" of a machine that is not managed")
		return
	}
	newest := w.newestMark(m.App)
	if _, ok := m.mark(); newest == "" || ok {
		return // of several releases at once, each has its own green
	}
	if t, err := markTime(newest); err == nil && m.Born.Truncate(time.Second).After(t) {
		w.breach("S3", b, m, verb+" of a machine that is neither blue nor green of "+newest)
	}
}

func (w *World) checkIdle(b by, m *Machine, verb string) {
	if w.CutsAllowed {
		return
	}
	limit := w.Limit
	if w.SoftLimits {
		limit = m.Config.Soft()
	}
	if n := w.Open(m.ID); n > limit {
		w.breach("S2", b, m, fmt.Sprintf("%s with %d connections", verb, n))
	}
	// A machine that never took traffic needs no look.
	if m.State != "started" || len(m.Config.Services) == 0 || m.Landed == 0 && m.Exposed.IsZero() {
		return
	}
	switch l := m.Look; {
	case l == nil:
		w.breach("S4", b, m, verb+" without a look at its connections")
	case !l.Known:
		w.breach("S4", b, m, verb+" though its connections are unknown")
	case l.Count > limit:
		w.breach("S4", b, m, fmt.Sprintf("%s though it told of %d connections", verb, l.Count))
	}
}

// checkGate holds the first opening of a green machine to the gate: all apps of
// its mark whole, as many machines started and passing their checks as it says.
func (w *World) checkGate(b by, m *Machine) {
	mark, ok := m.mark()
	switch {
	case m.Opened || !m.Cordoned || slices.Contains(w.Gated, mark.id):
		return
	case !ok && m.Made:
		w.breach("S5", b, m, "opened before the gate: it was created and held, and its mark says no release")
		return
	case !ok:
		return
	}
	apps := 0
	for _, name := range sortedKeys(w.Apps) {
		green := slices.DeleteFunc(w.Live(name), func(o *Machine) bool { k, ok := o.mark(); return !ok || k.id != mark.id })
		if len(green) == 0 {
			continue
		}
		apps++
		k, _ := green[0].mark()
		well := count(green, w.well) + w.lately(ofMark(name, mark.id))
		if well >= k.machines { // what is there beyond that was surplus, and leaves
			continue
		}
		why := fmt.Sprintf("opened before the gate: %s has %d of %d machines well", name, well, k.machines)
		if i := slices.IndexFunc(green, func(o *Machine) bool { return !w.well(o) }); i >= 0 {
			if why += fmt.Sprintf("; %s is %s", green[i].ID, green[i].State); green[i].State == "started" {
				why += ", its checks do not pass"
			}
		}
		w.breach("S5", b, m, why)
		return
	}
	if apps < mark.apps {
		w.breach("S5", b, m, fmt.Sprintf("opened before the gate: %d of %d apps are there", apps, mark.apps))
		return
	}
	w.Gated = append(w.Gated, mark.id)
}

const (
	// holdWithin is how long a machine that a release made may take traffic before it is
	// held, while a run is at work: longer than a hold is tried.
	holdWithin = 10 * time.Minute
	// noRun is a time without a command after which no run is alive: longer than the
	// slowest one waits between two lists.
	noRun = 2 * time.Minute
)

// checkHeld finds a machine that a release made, and never held, uncordoned or destroyed.
// What made it knows that, so its mark does not matter. Where its host does not answer,
// or the run was killed and there is no other yet, nobody can hold it.
func (w *World) checkHeld(madeBy string, m *Machine) {
	switch {
	case !m.Takes() || m.Host != "ok" || m.Opened || !m.Held.IsZero():
	case w.Now.Sub(w.atWork()) < holdWithin:
		w.in(holdWithin, event{Kind: "exposed", Machine: m.ID, By: madeBy})
	default:
		w.breach("S5", by{Who: madeBy}, m, fmt.Sprintf("serves before the gate: nobody has held it in %v", holdWithin))
	}
}

// atWork is since when a run has been alive, as its commands show; now where none is.
func (w *World) atWork() time.Time {
	since := w.Now
	for _, c := range slices.Backward(w.Commands) {
		last := c.Start
		if c.End.After(last) {
			last = c.End
		}
		switch {
		case c.Other:
		case since.Sub(last) > noRun:
			return since
		case c.Start.Before(since):
			since = c.Start
		}
	}
	return since
}

// well is started and passing, or not meant to be; what fell ill a moment ago
// cannot have been known.
func (w *World) well(m *Machine) bool {
	switch {
	case m.Passing, len(m.Config.Standbys) > 0, m.State == "stopped" && !m.Failed:
		return true
	}
	return !m.Unwell.IsZero() && w.Now.Sub(m.Unwell) <= w.grace()
}

func (w *World) breach(rule string, b by, m *Machine, text string) {
	if !slices.Contains(w.Allow, rule) {
		w.Breaches = append(w.Breaches, Breach{rule, w.Now, b.Who, m.ID, text})
	}
}

// newestMark is the newest release mark in an app, "" without any.
func (w *World) newestMark(app string) string {
	newest := ""
	for _, m := range w.Live(app) {
		if mark, ok := m.mark(); ok && mark.id > newest {
			newest = mark.id
		}
	}
	return newest
}

// markTime is when the release of a mark began, to the second.
func markTime(id string) (time.Time, error) {
	return time.Parse("20060102T150405Z", id[:min(len(id), len("20060102T150405Z"))])
}

// by is who makes a call: the command line, and whether it is held to the rules.
type by struct {
	Who  string
	Ours bool
}
