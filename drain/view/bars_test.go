package view

import (
	"testing"
	"time"
)

func TestAMachineMayBeDoneByItsRateOrItsDeadline(t *testing.T) {
	s := draining("chat", 1) // 8 left, 1 a minute
	m := s.machines[0]
	now := noon.Add(2 * time.Minute)
	for _, c := range []struct {
		limit int
		until time.Time
		want  string
	}{
		{0, time.Time{}, "~8m"},
		{4, time.Time{}, "~4m"},
		{0, now.Add(time.Hour), "~8m"},
		{0, now.Add(3 * time.Minute), "at most 3m"},
		{0, now.Add(-time.Minute), "at most 0s"},
	} {
		m.limit, m.until = c.limit, c.until
		if got := screen(80, 24, 2*time.Minute).row(m).cells[colEnds]; got != c.want {
			t.Errorf("limit %d, deadline %v: %s, want %s", c.limit, c.until, got, c.want)
		}
	}
	m.counts, m.until, m.limit = m.counts[2:], time.Time{}, 0
	if got := screen(80, 24, 22*time.Minute).row(m); got.cells[colEnds] != "" || got.cells[colRate] != "still 20m" {
		t.Errorf("without a change: %q %q", got.cells[colEnds], got.cells[colRate])
	}
}
