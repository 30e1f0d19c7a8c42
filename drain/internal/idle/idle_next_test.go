package idle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestPollsBecomeFewerUntilACountChanges(t *testing.T) {
	given := map[string]float64{"m": -10}
	tables(t, map[string]watch{
		"5 s after something has changed, then twice as long each time": {rules, given, []poll{
			{0, m(), known(2), 0, "m", "m 2 connections", 5},
			{5, m(), known(2), 0, "m", "", 15},
			{15, m(), known(2), 0, "m", "", 35},
			{35, m(), known(2), 0, "m", "", 75},
			{75, m(), known(2), 0, "m", "", 135},
			{135, m(), known(2), 0, "m", "", 195},
			{195, m(), known(1), 0, "m", "m 1 connection", 200},
			{200, m(), known(1), 0, "m", "", 210},
		}},
		"the pause is from the end of the readings": {rules, given, []poll{
			{0, m(), known(2), 4, "m", "m 2 connections", 9},
			{9, m(), known(2), 4, "m", "", 23},
		}},
		"no look before it is due": {rules, given, []poll{
			{0, m(), known(2), 0, "m", "m 2 connections", 5},
			{4.9, m(), nil, 0, "", "", 5},
		}},
	})
}

func TestMachinesShareARound(t *testing.T) {
	all := func(ids ...string) (l fleet.List) {
		for _, id := range ids {
			l = append(l, row(id))
		}
		return l
	}
	say := func(pairs ...any) map[string]probe.Reading {
		out := map[string]probe.Reading{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i].(string)] = probe.Unknown("it hangs")
			if n, known := pairs[i+1].(int); known {
				out[pairs[i].(string)] = probe.Known(n)
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		ids   string
		polls []poll
	}{
		"machines share a round, and what waits for a reading of its own is asked alone": {"a b c", []poll{
			{0, all("a", "b", "c"), say("a", 1, "b", 0, "c", 1), 0, "a b c", "a 1 connection, b 0 connections, c 1 connection", 2},
			{2, all("a", "b", "c"), say("b", 0), 0, "b", "b idle", 5},
			{5, all("a", "c"), say("a", 1, "c", 1), 0, "a c", "", 15},
		}},
		"a list that comes early asks about nothing": {"a b", []poll{
			{0, all("a", "b"), say("a", 1, "b", 1), 0, "a b", "a 1 connection, b 1 connection", 5},
			{5, all("a", "b"), say("a", 1, "b", 0), 0, "a b", "b 0 connections", 7},
			{6.9, all("a", "b"), nil, 0, "", "", 7},
			{7, all("a", "b"), say("b", 1), 0, "b", "b 1 connection", 10},
			{10, all("a", "b"), say("a", 1, "b", 1), 0, "a b", "", 20},
		}},
		"nor does it when it is due": {"a b", []poll{
			{0, all("a", "b"), map[string]probe.Reading{"a": probe.Known(1), "b": sample(0, 0)}, 0, "a b", "a 1 connection, b 0 connections", 5},
			{5, all("a", "b"), say("a", 1), 0, "a", "", 15},
			{15, all("a", "b"), map[string]probe.Reading{"a": probe.Known(1), "b": sample(0, 15)}, 4, "a b", "b idle", 24},
		}},
		"the end of one brings the next round near": {"a b", []poll{
			{0, all("a", "b"), say("a", 1, "b", 1), 0, "a b", "a 1 connection, b 1 connection", 5},
			{75, all("a", "b"), say("a", 1, "b", 1), 0, "a b", "", 85},
			{76, all("a", "b"), nil, 0, "", "", 85},
			{78, append(all("a"), row("b", state("stopped"))), nil, 0, "", "b idle", 83},
		}},
		"a round that is near stays": {"a b", []poll{
			{0, all("a", "b"), say("a", 1, "b", 1), 0, "a b", "a 1 connection, b 1 connection", 5},
			{3, append(all("a"), row("b", state("stopped"))), nil, 0, "", "b idle", 5},
		}},
		"those that do not answer are asked last": {"a b c d", []poll{
			{0, all("a", "b", "c", "d"), say("a", "hangs", "b", "hangs", "c", 1), 0, "a b c d",
				"a unknown: it hangs, b unknown: it hangs, c 1 connection, d unknown: the probe did not answer", 5},
			{5, all("a", "b", "c", "d"), say("a", 1, "b", "hangs", "c", 1, "d", 1), 0, "c d a b", "d 1 connection, a 1 connection", 10},
			{10, all("a", "b", "c", "d"), say("a", 1, "b", "hangs", "c", "hangs", "d", 1), 0, "c d a b", "c unknown: it hangs", 15},
			{15, all("a", "b", "c", "d"), say("a", 1, "b", 1, "c", 1, "d", 1), 0, "d a c b", "c 1 connection, b 1 connection", 20},
		}},
		"a new one is looked at at once, and the others are not": {"a", []poll{
			{0, all("a", "new"), say("a", 1), 0, "a", "a 1 connection", 5},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := rules
			given := map[string]float64{}
			for _, id := range strings.Fields(c.ids) {
				w.Add(id, t0)
				given[id] = -10
			}
			play(t, &w, given, c.polls)
		})
	}
}

func TestAMachineThatIsAddedLaterIsLookedAtAtOnce(t *testing.T) {
	w := rules
	w.Add("m", t0)
	play(t, &w, nil, []poll{{0, m(), known(1), 0, "m", "m 1 connection", 5}})
	w.Add("new", t0.Add(s(1)))
	if next := w.Next(); !next.Equal(t0.Add(s(1))) {
		t.Errorf("next %v", next.Sub(t0))
	}
	play(t, &w, nil, []poll{{1, append(m(), row("new")), map[string]probe.Reading{"new": probe.Known(0)}, 0, "new", "new 0 connections", 5}})
}

func TestTheMoreMachinesTheLongerThePauseBetweenRounds(t *testing.T) {
	for _, c := range []struct {
		machines, rows int
		least, most    float64
	}{
		{1, 2, 5, 60},
		{20, 40, 5, 60},
		{40, 40, 10, 60},
		{100, 200, 25, 60},
		{1, 1000, 50, 60},
		{1000, 1000, 250, 250},
	} {
		w, l, readings := rules, fleet.List{}, map[string]probe.Reading{}
		for i := range c.rows {
			id := fmt.Sprint(i)
			l = append(l, row(id))
			if i < c.machines {
				w.Add(id, t0)
				readings[id] = probe.Known(1)
			}
		}
		given := func(string) time.Time { return t0.Add(-s(10)) }
		now, pause := t0, time.Duration(0)
		for i := range 10 {
			if ask := w.List(l, given, now); len(ask) != c.machines {
				t.Fatalf("%+v: asked about %d", c, len(ask))
			}
			w.Read(readings, now, now)
			if pause = w.Next().Sub(now); i == 0 && pause != s(c.least) {
				t.Errorf("%+v: first %v", c, pause)
			}
			now = w.Next()
		}
		if pause != s(c.most) {
			t.Errorf("%+v: last %v", c, pause)
		}
	}
}
