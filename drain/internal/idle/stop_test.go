package idle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

// rows are cordoned machines; one whose name begins with l is in lhr.
func rows(ids string, mods ...mod) (l fleet.List) {
	for id := range strings.FieldsSeq(ids) {
		m := row(id, mods...)
		if strings.HasPrefix(id, "l") {
			m.Region = "lhr"
		}
		l = append(l, m)
	}
	return l
}

// connections are readings; one below 0 is unknown.
func connections(n map[string]int) map[string]probe.Reading {
	out := map[string]probe.Reading{}
	for id, n := range n {
		if out[id] = probe.Known(n); n < 0 {
			out[id] = unknown
		}
	}
	return out
}

func slow(m *fleet.Machine) { m.Config.StopConfig.Timeout = s(60) }

func TestMachinesWhoseTimeIsUpAreStoppedOneAtATimeInEachPlace(t *testing.T) {
	type say = map[string]int
	for name, c := range map[string]struct {
		ids   string
		polls []poll
	}{
		"fewest connections first, with a pause, and places side by side": {"a b c l1 l2", []poll{
			{20, rows("a b c l1 l2"), connections(say{"a": 3, "b": 1, "c": -1, "l1": 9, "l2": 8}), 0, "a b c l1 l2",
				"a 3 connections, b 1 connection, c unknown: no cat, l1 9 connections, l2 8 connections, b stop, l2 stop", 30},
			{30, rows("a c l1"), connections(say{"a": 3, "c": -1, "l1": 2}), 0, "a l1 c", "l1 2 connections, l1 stop, a stop", 40},
			{40, rows("c"), connections(say{"c": -1}), 0, "c", "c stop", 0},
		}},
		"by the newest counts": {"a b c", []poll{
			{20, rows("a b c"), connections(say{"a": 1, "b": 2, "c": 3}), 0, "a b c", "a 1 connection, b 2 connections, c 3 connections, a stop", 30},
			{30, rows("b c"), connections(say{"b": 5, "c": 3}), 0, "b c", "b 5 connections, c stop", 40},
		}},
		"one that becomes idle meanwhile is not cut": {"a b", []poll{
			{20, rows("a b"), connections(say{"a": 1, "b": 2}), 0, "a b", "a 1 connection, b 2 connections, a stop", 30},
			{30, rows("b"), connections(say{"b": 0}), 0, "b", "b 0 connections", 32},
			{32, rows("b"), connections(say{"b": 0}), 0, "b", "b idle", 0},
		}},
		"the next one waits while the one before stops, but not beyond its kill timeout": {"a b", []poll{
			{20, rows("a b", slow), connections(say{"a": 1, "b": 2}), 0, "a b", "a 1 connection, b 2 connections, a stop", 30},
			{30, rows("a b", slow), connections(say{"b": 2}), 0, "b", "", 35},
			{78, rows("a b", slow), connections(say{"b": 2}), 0, "b", "", 80},
			{80, rows("a b", slow), connections(say{"b": 2}), 0, "b", "b stop", 0},
		}},
		"and no longer than it takes": {"a b", []poll{
			{20, rows("a b", slow), connections(say{"a": 1, "b": 2}), 0, "a b", "a 1 connection, b 2 connections, a stop", 30},
			{30, append(rows("b"), row("a", slow, state("stopped"))), connections(say{"b": 2}), 0, "b", "b stop", 0},
		}},
		"one that is uncordoned while it waits is left alone": {"a b", []poll{
			{20, rows("a b"), connections(say{"a": 1, "b": 2}), 0, "a b", "a 1 connection, b 2 connections, a stop", 30},
			{30, rows("b", open), nil, 0, "", "", 31},
			{31, rows("b", open), nil, 0, "", "", 32},
			{32, rows("b", open), nil, 0, "", "b taken back", 0},
		}},
		"one on a dead host has its turn too": {"a b", []poll{
			{19, rows("a b"), connections(say{"a": 1, "b": 2}), 0, "a b", "a 1 connection, b 2 connections", 20},
			{20, append(rows("a", thin, host("unreachable")), row("b")), connections(say{"b": 2}), 0, "b",
				"a unknown: its row on the list is incomplete, host unreachable, b stop", 30},
			{30, rows("a", thin, host("unreachable")), nil, 0, "", "a stop", 0},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := with(func(w *Watch) { w.Deadline, w.Stop, w.Pause = s(30), true, s(10) })
			given := map[string]float64{}
			for id := range strings.FieldsSeq(c.ids) {
				w.Add(id, t0)
				given[id] = -10
			}
			play(t, &w, given, c.polls)
		})
	}
}

// TestADeadlineHoldsOverRuns has runs that have not seen the cordon. The list dates it
// by the machines of the release that serves.
func TestADeadlineHoldsOverRuns(t *testing.T) {
	const v1, v2 = "20261122T200000Z-aaaa", "20261122T210000Z-bbbb"
	of := func(release string, created float64, mods ...mod) *fleet.Machine {
		m := row("m", mods...)
		m.Mark, m.CreatedAt = fleet.Mark{ID: release, Apps: 1, Machines: 1}, t0.Add(s(created))
		return m
	}
	green := func(created float64) *fleet.Machine {
		g := of(v2, created, open)
		g.ID = "g"
		return g
	}
	held := with(func(w *Watch) { w.Deadline, w.Stop, w.Within, w.Command = s(7200), true, s(1200), s(30) })
	for name, c := range map[string]struct {
		rules Watch
		m     *fleet.Machine
		green *fleet.Machine
		until float64 // from the first look
	}{
		"a cordon of long ago":                             {held, of(v1, -9000), green(-3600), 4800},
		"its time was up before this run":                  {held, of(v1, -99000), green(-36000), 40},
		"its host was lost before this run":                {held, of(v1, -9000, thin, host("unreachable")), green(-3600), 4800},
		"and its time was up":                              {held, of(v1, -99000, thin, host("unreachable")), green(-36000), 40},
		"a deadline that is shorter than that":             {with(func(w *Watch) { w.Deadline, w.Within = 1, s(1200) }), of(v1, -9000), green(-3600), 1e-9},
		"it was updated since":                             {held, of(v1, -9000, func(m *fleet.Machine) { m.UpdatedAt = t0.Add(s(-600)) }), green(-3600), 6600},
		"a release that is younger than it may have taken": {held, of(v1, -9000), green(-600), 7200},
		"after a rollback":                                 {held, of("20261122T220000Z-cccc", -600), green(-3600), 7200},
		"a release may take as long as it likes":           {with(func(w *Watch) { w.Deadline, w.Stop = s(7200), true }), of(v1, -9000), green(-3600), 7200},
		"and its bake time, which this run has seen":       {with(func(w *Watch) { w.Deadline, w.Within, w.From = s(7200), s(1200), t0.Add(s(-60)) }), of(v1, -9000), green(-3600), 7140},
	} {
		w := c.rules
		w.Add("m", t0)
		if ask := w.List(fleet.List{c.m, c.green}, func(string) time.Time { return time.Time{} }, t0); len(ask) > 0 {
			w.Read(known(1), t0, t0)
		}
		if got := w.News[0].Until.Sub(t0).Seconds(); got != c.until {
			t.Errorf("%s: in %v s, want %v", name, got, c.until)
		}
	}
	// A machine that this run has seen uncordoned was cordoned after that.
	w := held
	w.Add("m", t0)
	none := func(string) time.Time { return t0 }
	w.List(fleet.List{of(v1, -9000, open), green(-3600)}, none, t0)
	w.List(fleet.List{of(v1, -9000), green(-3600)}, none, t0.Add(s(1)))
	w.Read(known(1), t0.Add(s(1)), t0.Add(s(1)))
	if got := w.News[0].Until.Sub(t0).Seconds(); got != 7201 {
		t.Errorf("seen uncordoned: in %v s, want 7201", got)
	}
}

func TestTheDrainCommandRunsOnceInEachMachineWhenItsCordonIsKnown(t *testing.T) {
	told := with(func(w *Watch) { w.Spread, w.Command = s(10), s(30) })
	for name, c := range map[string]struct {
		rules Watch
		given map[string]float64
		lists map[float64]fleet.List
		want  string
	}{
		"a cordon of this run":                          {told, map[string]float64{"m": -4}, map[float64]fleet.List{0: m(), 5.9: m(), 6: m(), 7: m(), 99: m()}, "6"},
		"a cordon of another run":                       {told, nil, map[float64]fleet.List{0: m(), 9.9: m(), 10: m(), 99: m()}, "10"},
		"not while its row says nothing":                {told, nil, map[float64]fleet.List{0: m(), 10: m(thin), 12: m()}, "12"},
		"not while it is stopped":                       {told, nil, map[float64]fleet.List{0: m(), 10: m(state("stopped"), autostarts)}, ""},
		"not in a worker that is idle":                  {told, nil, map[float64]fleet.List{0: m(worker), 10: m(worker)}, ""},
		"not again when somebody has cordoned it again": {told, nil, map[float64]fleet.List{0: m(), 10: m(), 11: m(open), 12: m(), 22: m(), 23: m()}, "10"},
		"not when it is uncordoned":                     {told, nil, map[float64]fleet.List{0: m(), 10: m(open), 11: m(), 20: m(), 21: m()}, "21"},
		"where there is none":                           {rules, nil, map[float64]fleet.List{0: m(), 10: m(), 99: m()}, ""},
	} {
		w := c.rules
		w.Add("m", t0)
		given := func(id string) time.Time {
			if at, ours := c.given[id]; ours {
				return t0.Add(s(at))
			}
			return time.Time{}
		}
		got := ""
		for _, at := range slices.Sorted(maps.Keys(c.lists)) {
			now := t0.Add(s(at))
			if len(w.List(c.lists[at], given, now)) > 0 {
				w.Read(known(2), now, now)
			}
			if len(w.Told) > 0 {
				got += fmt.Sprint(at)
			}
		}
		if got != c.want {
			t.Errorf("%s: told at %q, want %q", name, got, c.want)
		}
	}
	// It is looked at again when it is to be told, however far the next round is.
	w := told
	w.Add("m", t0)
	play(t, &w, nil, []poll{{0, m(), known(2), 0, "m", "m 2 connections", 5}, {5, m(), known(2), 0, "m", "", 10}, {10, m(), known(2), 0, "m", "", 15}})
	w = with(func(w *Watch) { w.Spread = s(4) })
	w.Add("m", t0)
	play(t, &w, nil, []poll{{0, m(), known(2), 0, "m", "m 2 connections", 5}})
}
