package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// row is one machine that drains, in words.
type row struct {
	app, group, region, id string

	left  string  // "12 of 37"
	rate  string  // "-3/min"
	ends  string  // "~4m"
	share float64 // of the bar
	words string  // in place of all these, where there is no count
	odd   bool    // a person should look
}

func (c canvas) row(m *machine) row {
	r := row{app: flyctl.Printable(m.app), group: flyctl.Printable(m.group), region: flyctl.Printable(m.region), id: flyctl.Printable(m.id)}
	n, known := m.count()
	switch {
	case m.last == drain.Stopped:
		r.words = "stopped"
		return r
	case m.last == drain.Idle:
		r.words = "idle, stopping"
		return r
	case !m.read:
		r.words = "not counted yet"
		return r
	case !known:
		r.words, r.odd = flyctl.Printable(m.reading.Why()), true
		return r
	}
	r.left = fmt.Sprintf("%d of %d", n, m.most)
	r.share = float64(n) / float64(max(1, m.most))
	switch rate := m.perMinute(c.now); {
	case rate >= 1:
		r.rate = fmt.Sprintf("-%.0f/min", rate)
	case rate > 0:
		r.rate = fmt.Sprintf("-%.0f/h", max(1, rate*60))
	case c.now.Sub(m.changed) >= time.Minute:
		r.rate = "still " + coarse(c.now.Sub(m.changed))
	}
	if in, sure, ok := m.ends(c.now); ok && n > m.limit {
		r.ends = "~" + coarse(in)
		if sure {
			r.ends = "at most " + coarse(in)
		}
	}
	return r
}

// coarse is a time that is only guessed at: 40s, 4m, 3h.
func coarse(d time.Duration) string {
	switch {
	case d < time.Minute:
		return short(d.Round(time.Second))
	case d < time.Hour:
		return short(d.Round(time.Minute))
	}
	return short(d.Round(15 * time.Minute))
}

// shape is which columns there is room for.
type shape struct {
	app, group int // widest that they may be; 0: not shown
	id         int
	rate, ends bool
}

// shapes are tried in this order until a bar fits beside the columns.
var shapes = []shape{
	{app: 40, group: 20, id: 14, rate: true, ends: true},
	{app: 20, group: 12, id: 14, rate: true, ends: true},
	{app: 12, group: 8, id: 14, ends: true},
	{app: 12, id: 14, ends: true},
	{app: 8, id: 7, ends: true},
	{app: 8, id: 7},
	{id: 7},
}

// minBar is how wide a bar is at least, maxBar at most.
const minBar, maxBar = 8, 50

// bars draws machines: the ones that need a look and the busiest first, where
// there is not room for all, and the rest summed up.
func (c canvas) bars(ms []*machine, room int) []string {
	room = max(room, 1)
	var rest []*machine
	if len(ms) > room {
		ms = slices.Clone(ms)
		slices.SortStableFunc(ms, func(a, b *machine) int { return cmp.Compare(weight(b), weight(a)) })
		ms, rest = ms[:room-1], ms[room-1:]
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
	if len(rest) > 0 {
		lines = append(lines, "  "+c.dim.Render(fmt.Sprintf("… and %d more: %s", len(rest), sumOf(rest))))
	}
	return lines
}

// weight orders machines by how much they are worth a look.
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

// sumOf is what is left of machines: "12 connections, 1 unknown".
func sumOf(ms []*machine) string {
	n, unknown, uncounted := 0, 0, 0
	for _, m := range ms {
		switch k, known := m.count(); {
		case known:
			n += k
		case m.read:
			unknown++
		default:
			uncounted++
		}
	}
	if uncounted == len(ms) {
		return "not counted yet"
	}
	var parts []string
	if unknown+uncounted < len(ms) {
		parts = append(parts, count(n, "connection"))
	}
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d unknown", unknown))
	}
	if uncounted > 0 {
		parts = append(parts, fmt.Sprintf("%d not counted yet", uncounted))
	}
	return strings.Join(parts, ", ")
}

// layout sets rows in columns as the window has room for.
func (c canvas) layout(rows []row) []string {
	if len(rows) == 0 {
		return nil
	}
	several := func(value func(row) string) bool {
		return slices.ContainsFunc(rows, func(r row) bool { return value(r) != value(rows[0]) })
	}
	apps, groups := several(func(r row) string { return r.app }), several(func(r row) string { return r.group })
	width := func(most int, value func(row) string) int {
		w := 0
		for _, r := range rows {
			w = max(w, ansi.StringWidth(value(r)))
		}
		return min(w, most)
	}
	for i, sh := range shapes {
		if !apps {
			sh.app = 0
		}
		if !groups {
			sh.group = 0
		}
		columns := []column{
			{width(sh.app, func(r row) string { return r.app }), func(r row) string { return r.app }, ansi.Truncate},
			{width(sh.group, func(r row) string { return r.group }), func(r row) string { return r.group }, ansi.Truncate},
			{width(8, func(r row) string { return r.region }), func(r row) string { return r.region }, ansi.Truncate},
			{width(sh.id, func(r row) string { return r.id }), func(r row) string { return r.id }, tail},
		}
		after := []column{{width(20, func(r row) string { return r.left }), func(r row) string { return r.left }, ansi.Truncate}}
		if sh.rate {
			after = append(after, column{width(12, func(r row) string { return r.rate }), func(r row) string { return r.rate }, ansi.Truncate})
		}
		if sh.ends {
			after = append(after, column{width(14, func(r row) string { return r.ends }), func(r row) string { return r.ends }, ansi.Truncate})
		}
		bar := c.width - 2
		for _, col := range append(slices.Clone(columns), after...) {
			if col.width > 0 {
				bar -= col.width + 1
			}
		}
		if bar >= minBar || i == len(shapes)-1 {
			return c.set(rows, columns, after, min(max(bar, 3), maxBar))
		}
	}
	return nil
}

// column is a part of a row, and how it is cut to its width.
type column struct {
	width int
	value func(row) string
	cut   func(s string, width int, tail string) string
}

// tail keeps the end of what does not fit: ids differ there.
func tail(s string, width int, mark string) string {
	if over := ansi.StringWidth(s) - width; over > 0 {
		return ansi.TruncateLeft(s, over+1, mark)
	}
	return s
}

func (col column) set(r row, right bool) string {
	if col.width == 0 {
		return ""
	}
	s := col.cut(col.value(r), col.width, "…")
	pad := strings.Repeat(" ", max(0, col.width-ansi.StringWidth(s)))
	if right {
		return " " + pad + s
	}
	return s + pad + " "
}

func (c canvas) set(rows []row, before, after []column, bar int) []string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		line := "  "
		for _, col := range before {
			line += col.set(r, false)
		}
		switch {
		case r.odd:
			line += c.odd.Render(clip("unknown: ", r.words, c.width-ansi.StringWidth(line)))
		case r.words != "":
			line += c.dim.Render(r.words)
		default:
			line += c.gauge(r.share, bar)
			for _, col := range after {
				line += col.set(r, true)
			}
		}
		lines[i] = line
	}
	return lines
}

// gauge is a bar that is as full as a machine is of the connections it had.
func (c canvas) gauge(share float64, width int) string {
	full := int(share*float64(width) + 0.5)
	if share > 0 {
		full = max(full, 1)
	}
	full = min(full, width)
	return c.bar.Render(strings.Repeat("█", full)) + c.dim.Render(strings.Repeat("░", width-full))
}

// clip fits a reason into a width: of one that does not, the end says the most.
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

// sum is the last line: what is left of all machines, and for how long.
func (c canvas) sum(s *state, leaving []*machine) string {
	var parts []string
	if len(leaving) > 0 {
		words := sumOf(leaving)
		if c.now.Before(s.baking) {
			words = "kept whole until " + s.baking.Format(time.TimeOnly) + ", for a rollback"
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
		} else if m.last == drain.Kept {
			kept++
		}
	}
	if kept > 0 {
		parts = append(parts, count(kept, "machine")+" left as "+map[bool]string{true: "it is", false: "they are"}[kept == 1])
	}
	if gone > 0 {
		parts = append(parts, fmt.Sprintf("%d gone", gone))
	}
	for len(parts) > 1 && ansi.StringWidth(strings.Join(parts, ", ")) > c.width-2 {
		parts = parts[:len(parts)-1]
	}
	return "  " + c.dim.Render(strings.Join(parts, ", "))
}

// longest is how long the last of machines may take, 0 where one of them gives no hint.
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
