package fleet

import "time"

// CordonedBy returns a time that is not earlier than a draining machine's cordon, as
// far as a list alone tells, or zero where it does not tell. The cordon came at the
// cutover of the release that serves now: at most the time within after the last of
// that release's machines was created, and before now, as the list shows it. It returns
// zero if within is 0, as a release may then take as long as it likes; for a thin row,
// unless Fly cannot reach its host; and where the release that serves is older than the
// machine's (after a rollback), is not ours, or is not whole. A cordon that somebody gave
// since then may show as the machine's update. One that a repair gave later than within is
// dated too early, by as much as the repair came later.
func (l List) CordonedBy(m *Machine, within time.Duration, now time.Time) time.Time {
	open := l.Managed().Uncordoned()
	if within <= 0 || m.Thin && m.Reachable() || m.Unknown() || len(open) == 0 {
		return time.Time{}
	}
	successor, by := open[0].Mark, m.UpdatedAt
	if m.Mark.ID >= successor.ID || m.CreatedAt.After(successor.Time()) || len(open) < successor.Machines {
		return time.Time{}
	}
	for _, o := range open {
		if o.Mark.ID != successor.ID {
			return time.Time{}
		}
		if t := o.CreatedAt.Add(within); t.After(by) {
			by = t
		}
	}
	if by.After(now) {
		return now
	}
	return by
}
