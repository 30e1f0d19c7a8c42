package idle

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// stopLate stops machines whose time is up: one at a time in each place, fewest
// connections first, with a pause between them. Their clients come back, and must not
// all come at once.
func (w *Watch) stopLate(now time.Time) {
	late := slices.DeleteFunc(slices.Clone(w.machines), func(m *machine) bool { return m.late == nil })
	slices.SortStableFunc(late, func(a, b *machine) int { return cmp.Compare(a.late.count(), b.late.count()) })
	for _, m := range late {
		place := m.row.Place()
		if turn := w.turn(place, now); now.Before(turn) {
			m.next, m.alone = turn, true
			continue
		}
		w.Run.Stopped[place] = Stopped{m.row.ID, now, cmp.Or(m.row.Config.StopConfig.Timeout, killTimeout)}
		m.late.Verdict, m.late.Changed = Stop, false
		w.tell(m, *m.late, now)
	}
}

// turn returns when the next machine of a place may be stopped: when the one before
// has stopped, or has had its time to, and the pause is over.
func (w *Watch) turn(p fleet.Place, now time.Time) time.Time {
	last := w.Run.Stopped[p]
	turn := last.At.Add(w.Pause)
	if row := w.list.Find(last.ID); row != nil && !row.Stopped() {
		turn = later(turn, earlier(last.At.Add(last.Takes), now.Add(w.Poll)))
	}
	return turn
}

// count orders machines by their connections; one whose number is unknown is last.
func (n *News) count() int {
	if count, known := n.Reading.Connections(); known {
		return count
	}
	return math.MaxInt
}
