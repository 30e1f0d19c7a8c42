package fleet

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Before is what was there when a release began.
type Before struct {
	Blue    []string // managed and uncordoned: what the release replaces
	Others  []string // managed, and cordoned by then
	Unknown []string // no row had said what they are
	Serving Count    // nil where it is not known, as a later run found the release
}

// Known reports whether the release's own run noted it, as it began.
func (b *Before) Known() bool { return b != nil && b.Serving != nil }

// HadUnknown reports whether a machine was there, and no row had said what it is.
func (b *Before) HadUnknown(id string) bool { return b != nil && slices.Contains(b.Unknown, id) }

// BeforeOf returns what is there now, as far as the last good rows tell.
func BeforeOf(l List) Before {
	unknown := l.Unknown().IDs()
	l = l.Managed()
	cordoned := func(m *Machine) bool { return m.Cordoned }
	others := l.Where(cordoned)
	return Before{Blue: l.Without(others).IDs(), Others: others.IDs(), Unknown: unknown, Serving: l.Serving()}
}

// Generations parts an app's managed machines by a release. Each machine is in
// exactly one of the five.
type Generations struct {
	Green      List // of the release
	Blue       List // what it replaces, and goes back to
	Earlier    List // older and cordoned when it began; they only drain, and nothing uncordons them
	Stragglers List // of an earlier release, created after this one began: a dead run's flyctl was at work
	Strange    List // none of these: somebody else has created it since
}

// Part parts the list by a release: green has its id, or is among made. Where
// start is nil, nobody knows what was there when the release began. Blue is then,
// of the older generations, those that have an uncordoned machine, or if none
// has, the newest. What start names stays what it was then, whatever lists show.
func (l List) Part(id string, made []string, start *Before) Generations {
	var g Generations
	var older List
	began, managed, known := l.Began(id), l.Managed(), start.Known()
	for _, m := range managed {
		own := m.Mark.ID
		switch {
		case own == id && id != "" || slices.Contains(made, m.ID):
			g.Green = append(g.Green, m)
		case start != nil && slices.Contains(start.Blue, m.ID):
			g.Blue = append(g.Blue, m)
		case start != nil && slices.Contains(start.Others, m.ID):
			g.Earlier = append(g.Earlier, m)
		case !known && own < id && !m.CreatedAt.After(began):
			older = append(older, m)
		case own != "" && own < id && !managed.inService(own, start):
			g.Stragglers = append(g.Stragglers, m)
		case !known && own != "" && own < id:
			older = append(older, m)
		default:
			g.Strange = append(g.Strange, m)
		}
	}
	var blue []string // releases
	switch {
	case start != nil:
		blue = releasesOf(g.Blue)
	case len(older.Uncordoned()) > 0:
		blue = releasesOf(older.Uncordoned())
	case len(older) > 0:
		blue = []string{slices.MaxFunc(older, byAge).Mark.ID}
	}
	for _, m := range older {
		if slices.Contains(blue, m.Mark.ID) {
			g.Blue = append(g.Blue, m)
		} else {
			g.Earlier = append(g.Earlier, m)
		}
	}
	return g
}

// byAge orders machines by their release, and by creation where one has none of ours.
func byAge(a, b *Machine) int {
	if a.Mark.ID == "" || b.Mark.ID == "" {
		return a.CreatedAt.Compare(b.CreatedAt)
	}
	return cmp.Compare(a.Mark.ID, b.Mark.ID)
}

func releasesOf(l List) []string {
	var of []string
	for _, m := range l {
		of = append(of, m.Mark.ID)
	}
	return of
}

// inService reports whether an earlier release is what serves, so that a new
// machine of it is a copy, not made by a dead run: it is of blue, or its machines are
// uncordoned, as many as its mark says, and no others.
func (l List) inService(id string, start *Before) bool {
	if start.Known() {
		return slices.Contains(releasesOf(l.Pick(start.Blue)), id)
	}
	open := l.Uncordoned()
	own := open.Where(func(m *Machine) bool { return m.Mark.ID == id })
	if len(own) == 0 || len(own) < len(open) {
		return false
	}
	return len(own) == own[0].Mark.Machines
}

// Began is when a release began: at the time in its id, or, where the clock that
// made the id was ahead of Fly's, when the first of its machines was created.
func (l List) Began(id string) time.Time {
	began := Mark{ID: id}.Time()
	for _, m := range l.Managed() {
		if m.Mark.ID == id && m.CreatedAt.Before(began) {
			began = m.CreatedAt
		}
	}
	return began
}

// NewID names a release that begins now. Its time is at least the creation of
// every machine there, and one second after every mark there, so ids order as
// text however wrong our clock is.
func NewID(now time.Time, lists ...List) string {
	order := now.Nanosecond() / int(time.Millisecond) // of two that begin in one second
	at := now.UTC().Truncate(time.Second)
	for _, m := range slices.Concat(lists...) {
		if m.CreatedAt.After(at) {
			at = m.CreatedAt.UTC().Truncate(time.Second)
		}
		if !m.Mark.Time().Before(at) {
			at = m.Mark.Time().Add(time.Second)
		}
	}
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("%s-%03x%s", at.Format(TimeFormat), order, hex.EncodeToString(random[:]))
}

// Newest returns the newest release that has managed machines, or none.
func (l List) Newest() Mark {
	if marks := l.Marks(); len(marks) > 0 {
		return marks[0]
	}
	return Mark{}
}

// Marks returns the releases that have managed machines, newest first.
func (l List) Marks() []Mark {
	var out []Mark
	for _, m := range l.Managed() {
		if m.Mark.ID != "" && !slices.ContainsFunc(out, func(o Mark) bool { return o.ID == m.Mark.ID }) {
			out = append(out, m.Mark)
		}
	}
	slices.SortFunc(out, func(a, b Mark) int { return cmp.Compare(b.ID, a.ID) })
	return out
}
