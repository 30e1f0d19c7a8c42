package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/flydrain/flydrain/drain"
)

// row is one draining machine, in words.
type row struct {
	cells [columns]string
	share float64 // of the bar
	words string  // instead of a bar, where there is no count
	odd   bool    // a person should look
}

// The columns of a row. The bar is before colLeft.
const (
	colApp = iota
	colGroup
	colRegion
	colID
	colLeft // "12 of 37"
	colRate // "-3/min"
	colEnds // "~4m"
	columns
)

func (c canvas) row(m *machine) (r row) {
	r.cells = [columns]string{colApp: m.app, colGroup: m.group, colRegion: m.region, colID: m.id}
	n, known := m.count()
	switch {
	case m.last == drain.EventStopped:
		r.words = "stopped"
		return r
	case m.last == drain.EventIdle:
		r.words = "idle, stopping"
		return r
	case !m.read:
		r.words = "not counted yet"
		return r
	case !known:
		r.words, r.odd = m.reading.Why(), true
		return r
	}
	if n == 0 {
		r.words = "no connections left; making sure"
		return r
	}
	r.cells[colLeft] = fmt.Sprintf("%d of %d", n, m.most)
	r.share = float64(n) / float64(max(1, m.most))
	switch n := m.perMinute(c.now); {
	case n >= 1:
		r.cells[colRate] = fmt.Sprintf("-%.0f/min", n)
	case n > 0:
		r.cells[colRate] = fmt.Sprintf("-%.0f/h", max(1, n*60))
	case c.now.Sub(m.changed) >= time.Minute:
		r.cells[colRate] = "still " + coarse(c.now.Sub(m.changed))
	}
	if in, sure, ok := m.ends(c.now); ok && n > m.limit {
		r.cells[colEnds] = "~" + coarse(in)
		if sure {
			r.cells[colEnds] = "at most " + coarse(in)
		}
	}
	return r
}

// coarse returns a guess at a time: 40s, 4m, 3h.
func coarse(d time.Duration) string {
	switch {
	case d < time.Minute:
		return short(d.Round(time.Second))
	case d < time.Hour:
		return short(d.Round(time.Minute))
	}
	return short(d.Round(15 * time.Minute))
}

// shapes are the greatest widths of the columns. They are tried in this order until a
// bar fits beside the columns.
var shapes = [][columns]int{
	{colApp: 40, colGroup: 20, colRegion: 8, colID: 14, colLeft: 20, colRate: 12, colEnds: 14},
	{colApp: 20, colGroup: 12, colRegion: 8, colID: 14, colLeft: 20, colRate: 12, colEnds: 14},
	{colApp: 12, colGroup: 8, colRegion: 8, colID: 14, colLeft: 20, colEnds: 14},
	{colApp: 12, colRegion: 8, colID: 14, colLeft: 20, colEnds: 14},
	{colApp: 8, colRegion: 8, colID: 7, colLeft: 20, colEnds: 14},
	{colApp: 8, colRegion: 8, colID: 7, colLeft: 20},
	{colRegion: 8, colID: 7, colLeft: 20},
}

// minBar and maxBar are the least and the greatest width of a bar.
const minBar, maxBar = 8, 50

// minColumn is the least width of a column of machines, where there are two.
const minColumn = 80

// bars draws machines. It uses two columns where one is too short and the window is
// wide. Where there is not room for all, it draws the busiest ones and those that a
// person should look at, and sums up the rest.
func (c canvas) bars(ms []*machine, room int) []string {
	room = max(room, 1)
	beside := 1 // machines in a line
	if len(ms) > room && c.width >= 2*minColumn {
		beside, c.width = 2, c.width/2
	}
	var rest []*machine
	if len(ms) > room*beside {
		ms = slices.Clone(ms)
		slices.SortStableFunc(ms, func(a, b *machine) int { return cmp.Compare(weight(b), weight(a)) })
		ms, rest = ms[:(room-1)*beside], ms[(room-1)*beside:]
	}
	byName := func(a, b *machine) int {
		return cmp.Or(cmp.Compare(a.app, b.app), cmp.Compare(a.region, b.region), cmp.Compare(a.group, b.group), cmp.Compare(a.id, b.id))
	}
	slices.SortFunc(ms, byName)
	rows := make([]row, len(ms))
	for i, m := range ms {
		rows[i] = c.row(m)
	}
	lines := c.layout(rows)
	if half := (len(lines) + 1) / 2; beside == 2 {
		for i, right := range lines[half:] {
			lines[i] = lipgloss.PlaceHorizontal(c.width, lipgloss.Left, lines[i]) + right
		}
		lines = lines[:half]
	}
	if len(rest) > 0 {
		lines = append(lines, "  "+c.dim.Render(fmt.Sprintf("… and %d more: %v", len(rest), totalOf(rest))))
	}
	return lines
}

// weight says how much a machine is worth a look.
func weight(m *machine) int {
	n, known := m.count()
	switch {
	case m.read && !known:
		return 1 << 30
	case !m.read:
		return -1
	}
	return n
}

// layout sets rows in as many columns as the window has room for. It leaves out the
// app and the group where all rows have the same.
func (c canvas) layout(rows []row) []string {
	var widest, widths [columns]int
	for col := range widest {
		differ := col > colGroup
		for _, r := range rows {
			differ = differ || r.cells[col] != rows[0].cells[col]
			widest[col] = max(widest[col], ansi.StringWidth(r.cells[col]))
		}
		if !differ {
			widest[col] = 0
		}
	}
	bar := 0
	for _, shape := range shapes {
		bar = c.width - 2
		for col := range widths {
			widths[col] = min(widest[col], shape[col])
			if widths[col] > 0 {
				bar -= widths[col] + 1
			}
		}
		if bar >= minBar {
			break
		}
	}
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = c.set(r, widths, min(max(bar, 3), maxBar))
	}
	return lines
}

// set returns a row as a line.
func (c canvas) set(r row, widths [columns]int, bar int) string {
	line := "  "
	for col := range colLeft {
		line += r.cell(col, widths[col])
	}
	switch {
	case r.odd:
		return line + c.odd.Render(clip("unknown: ", r.words, c.width-ansi.StringWidth(line)))
	case r.words != "":
		return line + c.dim.Render(r.words)
	}
	line += c.gauge(r.share, bar)
	for col := colLeft; col < columns; col++ {
		line += r.cell(col, widths[col])
	}
	return line
}

// cell returns a column of a row in its width. Of an id it keeps the end: ids differ
// there.
func (r row) cell(col, width int) string {
	if width == 0 {
		return ""
	}
	s := r.cells[col]
	if over := ansi.StringWidth(s) - width; over > 0 && col == colID {
		s = ansi.TruncateLeft(s, over+1, "…")
	}
	s = ansi.Truncate(s, width, "…")
	if col >= colLeft {
		return " " + lipgloss.PlaceHorizontal(width, lipgloss.Right, s)
	}
	return lipgloss.PlaceHorizontal(width, lipgloss.Left, s) + " "
}

// gauge returns a bar that shows how many of its connections a machine still has.
func (c canvas) gauge(share float64, width int) string {
	full := int(share*float64(width) + 0.5)
	if share > 0 {
		full = max(full, 1)
	}
	full = min(full, width)
	return c.bar.Render(strings.Repeat("█", full)) + c.dim.Render(strings.Repeat("░", width-full))
}

// clip fits a reason into a width. The end of a long one says the most.
func clip(before, why string, width int) string {
	for ansi.StringWidth(before+why) > width {
		_, end, more := strings.Cut(why, ": ")
		if !more {
			break
		}
		why = end
		if !strings.HasSuffix(before, "…") {
			before += "…"
		}
	}
	return ansi.Truncate(before+why, width, "…")
}

// sum returns the last line: what is left of all machines, and for how long.
func (c canvas) sum(s *state, leaving []*machine) string {
	var parts []string
	if len(leaving) > 0 {
		words := totalOf(leaving).String()
		if c.now.Before(s.waiting.Until) { // blue is kept for a rollback
			words = s.waiting.Why + " (until " + s.waiting.Until.Format(time.TimeOnly) + ")"
		}
		parts = append(parts, count(len(leaving), "machine")+": "+words)
		if in := c.longest(leaving); in > 0 {
			parts = append(parts, "about "+coarse(in)+" more")
		}
	}
	gone, kept := 0, 0
	for _, m := range s.machines {
		if _, went := m.went(); went {
			gone++
		} else if m.last == drain.EventKept {
			kept++
		}
	}
	if kept > 0 {
		parts = append(parts, count(kept, "machine")+" left as "+map[bool]string{true: "it is", false: "they are"}[kept == 1])
	}
	if gone > 0 {
		parts = append(parts, count(gone, "machine")+" gone")
	}
	for len(parts) > 1 && ansi.StringWidth(strings.Join(parts, ", ")) > c.width-2 {
		parts = parts[:len(parts)-1]
	}
	return "  " + c.dim.Render(strings.Join(parts, ", "))
}

// longest returns how long the last of the machines may take; 0 where that is unknown for one.
func (c canvas) longest(ms []*machine) time.Duration {
	var longest time.Duration
	for _, m := range ms {
		in, _, ok := m.ends(c.now)
		if n, known := m.count(); known && n <= m.limit {
			in, ok = 0, true
		}
		if !ok {
			return 0
		}
		longest = max(longest, in)
	}
	return longest
}
