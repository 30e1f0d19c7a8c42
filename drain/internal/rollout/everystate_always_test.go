package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// forget holds a decision against law 1: without what a run knows beyond the list, it
// gives no command that it would not give with it. It may have given it already.
func (x *explorer) forget(at int, s *state, r *runState, lists []fleet.List, f facts.Facts, full Decision) {
	if s.left.cordon != x.w.might.cordon || s.left.uncordon != x.w.might.uncordon || s.left.destroy != x.w.might.destroy || x.w.might.short > 0 {
		return // but for a machine that somebody has cordoned or uncordoned, and lists that lack one
	}
	if slices.ContainsFunc(f.Apps, func(a facts.AppFacts) bool { return a.Doubt }) {
		return // nor for one that lacks what another run has destroyed: only who has seen it waits
	}
	// What is under way is not forgotten: a new run begins when nothing is.
	none := Observe(r.goal, facts.Facts{Flying: f.Flying, Turned: f.Turned}, lists, s.now, s.now)
	for _, c := range Decide(r.goal, lists, none, s.now).Run {
		_, tried := f.Tries[c]
		if c.Creates() || c.Verb == fleet.Check || c.Verb == fleet.Record || tried || slices.Contains(full.Run, c) {
			continue
		}
		x.fail(at, "law 1: a run that has forgotten all gives a command that it would not give else", fmt.Sprint(c.Verb, " ", c.Machine, ", and with facts: ", full.Row, " ", full.Why))
	}
}

func (x *explorer) some(s *state, is func(gen int, m bits) bool) bool {
	for a := range x.w.apps {
		for i, m := range s.m[a] {
			if is(x.w.gen[i], m) {
				return true
			}
		}
	}
	return false
}

// check holds a decision against what must always hold.
func (x *explorer) check(at int, s *state, k int, d Decision) {
	w, r := x.w, &s.runs[k]
	before, after := s.m, s.m
	for a := range w.apps {
		for _, f := range s.flight {
			if f.cmd.App == appName(a) && (f.cmd.Verb == fleet.Cordon || f.cmd.Verb == fleet.Destroy) {
				before[a], after[a] = w.land(before[a], f.cmd), w.land(after[a], f.cmd)
			}
		}
	}
	for _, c := range d.Run {
		a, i := index(c.Machine)
		if i < 0 || c.Creates() {
			continue
		}
		m := s.m[a][i]
		switch c.Verb {
		case fleet.Cordon, fleet.Destroy:
			after[a] = w.land(after[a], c)
		case fleet.Uncordon:
			if w.gen[i] == 0 {
				x.fail(at, "a machine of an earlier release is uncordoned", d.Row)
			}
			if w.gen[i] == 2 && r.goal.Aim == facts.Forward && !r.goal.Resumed && !s.allowed && r.fit < 2 {
				x.fail(at, "S5: green is uncordoned, and not all of it was well on two lists in a row", d.Row)
			}
		}
		if c.Verb == fleet.Destroy && m&busy != 0 {
			x.fail(at, "S2: a machine with a connection is destroyed", d.Row)
		}
		if (c.Verb == fleet.Destroy || c.Verb == fleet.Drain) && m&(there|open_) == there|open_ && s.left == w.might {
			x.fail(at, "S3: a machine that is uncordoned is drained", d.Row)
		}
	}
	if slices.ContainsFunc(d.Run, func(c fleet.Command) bool { return c.Verb == fleet.Check }) && !r.goal.Resumed && !r.goal.Rollback &&
		x.some(s, func(gen int, m bits) bool { return gen == 2 && m&(there|open_) == there|open_ }) && s.left.uncordon == w.might.uncordon {
		x.fail(at, "S5: the Check is asked while green takes traffic", d.Row)
	}
	for a := range w.apps {
		for p := range w.places() {
			count := everyGen
			if !s.allowed {
				count = func(gen int) bool { return gen < 2 }
			}
			n, was := w.serving(after[a], p, count), w.serving(before[a], p, count)
			if r.goal.Resumed && s.left.destroy < w.might.destroy {
				continue // nobody knows of what was destroyed before a run began
			}
			if n < was && n < w.floor(p) && len(d.Run) > 0 {
				x.fail(at, "S1", fmt.Sprintf("%s %s: %d would serve in place %d, and the floor is %d", d.Row, d.Why, n, p, w.floor(p)))
			}
		}
	}
	if d.Fail && s.left == w.might && w.second == nil && d.Row != "F5" && !w.few { // green may boot for ever
		x.fail(at, "taken back though nothing went wrong", d.Row+" "+d.Why)
	}
	dark := slices.ContainsFunc(r.dark[:], func(places [2]int) bool { return slices.Max(places[:]) >= facts.Tries })
	if d.Fail && s.stood && r.goal.Promoted && !dark && !r.goal.Rollback {
		x.fail(at, "a release that stands is taken back, though something serves in each place", d.Row+" "+d.Why)
	}
}

// served reports whether each place that needs it has a serving machine.
func (x *explorer) served(s *state) bool {
	for a := range x.w.apps {
		for p := range x.w.places() {
			if x.w.floor(p) > 0 && x.w.serving(s.m[a], p, everyGen) == 0 {
				return false
			}
		}
	}
	return true
}

// atEnd holds the end of a run against S6: all apps on one release, and S11.
func (x *explorer) atEnd(at int, s *state, k int, d Decision, lists []fleet.List) {
	r := &s.runs[k]
	named := d.Why
	for i, l := range lists {
		named += " " + strings.Join(standing.One(r.goal, r.facts, i, l).MayBeLeft(), " ")
	}
	other := s.runs[1-k]
	if len(s.flight) > 0 || other.state == running {
		return
	}
	serving := map[int]bool{}
	mixed := false
	for a := range x.w.apps {
		own := map[int]bool{}
		for i, m := range s.m[a] {
			if m&(there|open_) == there|open_ && !strings.Contains(named, id(a, i)) { // what is named may serve beside
				own[x.w.gen[i]] = true
			}
		}
		mixed = mixed || len(own) > 1
		maps.Copy(serving, own)
	}
	undisturbed := s.left.uncordon == x.w.might.uncordon
	if (mixed || x.w.apps > 1 && len(serving) > 1) && d.Done != Person && r.goal.Aim != facts.DrainOnly && undisturbed && d.Done != Draining {
		x.fail(at, "S6: done, and mixed", fmt.Sprintf("%s %s", d.Row, d.Why))
	}
	if d.Done == Reached && r.goal.Aim == facts.Forward && !x.served(s) {
		x.fail(at, "S11: done, and nothing serves somewhere", d.Row+" "+d.Why)
	}
	if d.Done == Undone && x.some(s, func(gen int, m bits) bool { return gen == 2 && m&there != 0 }) {
		x.fail(at, "S11: nothing of green is left, and some is", d.Row)
	}
}
