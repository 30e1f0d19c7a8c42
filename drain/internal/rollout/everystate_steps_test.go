package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/intent"
)

// landings lets each command under way do what it says and end.
func (x *explorer) landings(at int, s *state) {
	w := x.w
	for i, f := range s.flight {
		a := 0
		fmt.Sscanf(f.cmd.App, "app%d", &a)
		end := func(t *state, err error) *state {
			t.flight = slices.Delete(t.flight, i, i+1)
			if !slices.ContainsFunc(t.flight, func(o inFlight) bool { return o.run < 0 }) {
				t.lives = time.Time{}
			}
			if f.run >= 0 && t.runs[f.run].state == running {
				r := &t.runs[f.run]
				r.facts = facts.End(r.goal, r.facts, f.cmd, "", err, t.now)
				if r.dead && !slices.ContainsFunc(t.flight, func(o inFlight) bool { return o.run == f.run }) {
					r.state = done
					x.resume(at, t, f.run, "its last commands are done; a new run")
				}
			}
			return t
		}
		what := fmt.Sprintf("%s %s%s lands", f.cmd.Verb, f.cmd.App, strings.TrimPrefix(f.cmd.Machine, "a"))
		if f.cmd.Verb == fleet.Check || f.cmd.Verb == fleet.Record {
			x.add(at, end(s.clone(), nil), what, false, false)
			continue
		}
		_, n := index(f.cmd.Machine)
		if n >= 0 && !f.cmd.Creates() && s.m[a][n]&dead != 0 {
			x.add(at, end(s.clone(), flyctl.ErrTransient), what+": its host does not answer", false, false)
			if w.stop && f.cmd.Verb == fleet.Drain && x.mayGo(s, a, n) {
				t := s.clone()
				t.m[a][n] |= doomed
				x.add(at, end(t, nil), what+" when its host answers", false, false)
			}
			continue
		}
		if f.cmd.Verb == fleet.Drain && n >= 0 {
			switch m := s.m[a][n]; {
			case m&there != 0 && m&open_ != 0:
				x.add(at, end(s.clone(), errors.New("uncordoned by somebody else")), what+": it is uncordoned", false, false)
				continue
			case m&there != 0 && m&busy != 0, m&there != 0 && f.run >= 0 && !x.mayGo(s, a, n):
				continue // its executor waits
			}
		}
		t := s.clone()
		t.m[a] = w.land(s.m[a], f.cmd)
		if f.cmd.Creates() && slices.Equal(t.m[a], s.m[a]) {
			x.add(at, end(s.clone(), nil), what+", and makes nothing", false, false)
			continue
		}
		x.add(at, end(t, nil), what, false, false)
		x.afterEnd(at, s, f, a, t.m[a], what)
		if s.left.lost > 0 && (f.cmd.Verb == fleet.Uncordon || f.cmd.Verb == fleet.Cordon) {
			t := s.clone()
			t.left.lost--
			x.add(at, end(t, nil), "! "+what+": lost, and flyctl reports success", true, false)
		}
		if s.left.refuse > 0 && f.run >= 0 && slices.Contains([]fleet.Verb{fleet.Uncordon, fleet.Cordon, fleet.Clone, fleet.Destroy}, f.cmd.Verb) {
			for _, answer := range []error{flyctl.ErrMachineNotFound, flyctl.ErrMachineState} { // they contradict the list
				t := s.clone()
				t.left.refuse--
				x.add(at, end(t, answer), fmt.Sprintf("! %s: refused, %v", what, answer), true, false)
			}
			t = s.clone()
			t.left.refuse--
			t.m[a] = w.land(s.m[a], f.cmd)
			x.add(at, end(t, flyctl.ErrTransient), "! "+what+", and flyctl reports a fault", true, false)
		}
		if s.left.double > 0 && f.cmd.Creates() {
			t := s.clone()
			t.left.double--
			t.m[a] = w.land(w.land(s.m[a], f.cmd), f.cmd)
			x.add(at, end(t, nil), "! "+what+" twice", true, false)
		}
		if s.left.cloneFails > 0 && f.cmd.Creates() {
			t := s.clone()
			t.left.cloneFails--
			x.add(at, end(t, flyctl.ErrTransient), "! "+what+": fails", true, false)
		}
	}
}

// afterEnd lets a command land, with flyctl naming what it made, and the run continue
// without a new list.
func (x *explorer) afterEnd(at int, s *state, f inFlight, a int, landed []bits, what string) {
	if f.run < 0 || s.runs[f.run].state != running || s.runs[f.run].dead {
		return
	}
	t, made := s.clone(), ""
	r := &t.runs[f.run]
	for i, m := range landed {
		if s.m[a][i]&there == 0 && m&there != 0 {
			made = id(a, i)
		}
	}
	t.m[a] = landed
	t.flight = slices.DeleteFunc(t.flight, func(o inFlight) bool { return o == f })
	r.facts = facts.End(r.goal, r.facts, f.cmd, made, nil, t.now)
	hold, _ := AfterEnd(r.goal, r.last, r.facts, f.cmd, t.now)
	if len(hold) == 0 {
		return
	}
	d := Decision{Row: "after an end", Run: hold}
	x.check(at, t, f.run, d)
	x.begin(t, f.run, d)
	x.add(at, t, fmt.Sprintf("%s [%d commands without a list]", what, len(hold)), false, true)
}

// mayGo is what the executor of a drain asks before it destroys.
func (x *explorer) mayGo(s *state, a, i int) bool {
	p := x.w.place[i]
	return x.w.floor(p) == 0 || x.w.serving(s.m[a], p, everyGen) > 0
}

// machine lets one machine boot, lose its last connection, or be disturbed.
func (x *explorer) machine(at int, s *state, a, i int, m bits) {
	w := x.w
	to := func(set bits, what string, spent func(*might)) {
		t := s.clone()
		t.m[a][i] = set
		if spent != nil {
			what = "! " + what
			spent(&t.left)
		}
		if set == 0 {
			t.flight = slices.DeleteFunc(t.flight, func(f inFlight) bool { return f.run < 0 && f.cmd.Machine == id(a, i) })
		}
		x.add(at, t, fmt.Sprintf("%s %s", what, id(a, i)), spent != nil, false)
	}
	if m&there == 0 {
		return
	}
	if m&well == 0 && w.gen[i] == 2 {
		now := m | well
		if m&open_ != 0 {
			now |= busy
		}
		to(now, "gets healthy:", nil)
	}
	if m&busy != 0 && m&open_ == 0 {
		to(m&^busy, "loses its last connection:", nil)
	}
	l := s.left
	if l.ill > 0 && m&well != 0 && w.gen[i] == 2 {
		to(m&^well, "falls ill:", func(l *might) { l.ill-- })
	}
	if l.destroy > 0 {
		to(0, "somebody destroys", func(l *might) { l.destroy-- })
	}
	if m&dead != 0 {
		back := m &^ (dead | thin)
		if m&doomed != 0 {
			back = 0
		}
		to(back, "the host answers again of", func(*might) {})
	}
	if l.host > 0 && m&dead == 0 {
		to(m|dead, "the host is lost of", func(l *might) { l.host-- })
		to(m|dead|thin, "the host is lost, with all that is known, of", func(l *might) { l.host-- })
	}
	if l.cordon > 0 && m&open_ != 0 {
		to(m&^open_, "somebody cordons", func(l *might) { l.cordon-- })
	}
	if l.uncordon > 0 && m&open_ == 0 {
		to(m|open_|busy, "somebody uncordons", func(l *might) { l.uncordon-- })
	}
}

// loseGreen lets somebody destroy all of green at once.
func (x *explorer) loseGreen(at int, s *state) {
	t := s.clone()
	t.left.destroy--
	for a := range x.w.apps {
		for i, gen := range x.w.gen {
			if gen == 2 {
				t.m[a][i] = 0
			}
		}
	}
	x.add(at, t, "! somebody destroys all green", true, false)
}

// run lets a run look, decide and act; or die; or be interrupted.
func (x *explorer) run(at int, s *state, k int) {
	w := x.w
	r := &s.runs[k]
	if r.dead {
		return
	}
	if s.left.die > 0 && (r.waiting || r.facts.Apps != nil) {
		t := s.clone()
		t.left.die--
		t.flight = slices.DeleteFunc(t.flight, func(f inFlight) bool { return f.run == k })
		x.resume(at, t, k, "! death; a new run")
		if s.left.late > 0 && len(t.flight) < len(s.flight) {
			t := s.clone()
			t.left.die--
			t.left.late--
			for i := range t.flight {
				if t.flight[i].run == k {
					t.flight[i].run = -1
				}
			}
			t.lives = t.now.Add(30 * time.Second)
			x.resume(at, t, k, "! death, and flyctl lives on; a new run")
		}
	}
	x.look(at, s, k, 0)
	if d := x.next(r, s.now); d > 0 && (s.lives.IsZero() || !s.now.Add(d).After(s.lives)) {
		x.look(at, s, k, d)
	}
	if s.left.lag > 0 {
		t := s.clone()
		t.left.lag--
		x.lookAt(at, t, k, s.was, "! an old list: ")
	}
	for a := range w.apps {
		for i, m := range s.m[a] {
			if m&there == 0 || s.left.short == 0 && s.left.thin == 0 {
				continue
			}
			if s.left.short > 0 {
				t := s.clone()
				t.left.short--
				seen := t.clone().m
				seen[a][i] = 0
				x.lookAt(at, t, k, seen, "! a list without "+id(a, i)+": ")
			}
			if s.left.thin > 0 {
				t := s.clone()
				t.left.thin--
				seen := t.clone().m
				seen[a][i] |= thin
				x.lookAt(at, t, k, seen, "! a thin row of "+id(a, i)+": ")
			}
		}
	}
}

// resume begins a new run, that knows nothing but the lists. It does nothing until
// they have not changed for a while.
func (x *explorer) resume(at int, s *state, k int, why string) {
	s.runs[k] = runState{waiting: true}
	x.add(at, s, why, true, false)
}

// intend lets a run that waits look at the lists, and begin when they are quiet.
func (x *explorer) intend(at int, s *state, k int, seen [2][]bits, why string) {
	w := x.w
	var lists []fleet.List
	var apps []facts.App
	for a := range w.apps {
		lists = append(lists, fleet.Believe(w.rows(a, seen[a]), nobody))
		apps = append(apps, facts.App{Name: appName(a), HealthTimeout: healthTimeout})
	}
	watch := s.runs[k].watch.See(lists, s.now)
	row, next := "", runState{state: done}
	for _, in := range intent.Of(apps, lists, false) {
		row += in.Row + " "
		if in.Rest || in.Person != "" || len(in.Apps) < in.Size && in.Goal.Aim != facts.DrainOnly {
			continue
		}
		in.Goal.Spread, in.Goal.Check = spread, w.check
		next = runState{goal: in.Goal}
	}
	switch {
	case next.state == running && next.goal.Aim != facts.DrainOnly && !watch.Quiet(s.now) && !watch.TooLong(s.now):
		next = runState{waiting: true, watch: watch}
		row = "waits"
	case next.state == running && next.goal.Aim != facts.DrainOnly && !watch.Quiet(s.now):
		next = runState{state: done}
	case next.goal.Promoted:
		s.allowed = true
	}
	copy(next.lists[:], lists)
	s.runs[k] = next
	x.add(at, s, why+"a new run: "+row, strings.HasPrefix(why, "!"), false)
}

func (x *explorer) look(at int, s *state, k int, d time.Duration) {
	t := s.clone()
	why := ""
	if d > 0 {
		t.now = s.now.Add(d)
		why = fmt.Sprintf("%v pass: ", d)
	}
	x.lookAt(at, t, k, t.m, why)
}

// lookAt is one round of the loop, on the machines that its list shows.
func (x *explorer) lookAt(at int, s *state, k int, seen [2][]bits, why string) {
	w := x.w
	r := &s.runs[k]
	if r.waiting {
		x.intend(at, s, k, seen, why)
		return
	}
	var lists []fleet.List
	for a := range r.goal.Apps {
		n := 0
		fmt.Sscanf(r.goal.Apps[a].Name, "app%d", &n)
		lists = append(lists, fleet.Believe(w.rows(n, seen[n]), func(id string) *fleet.Machine {
			if r.facts.Apps == nil || r.facts.Apps[a].Seen[id].Row == nil {
				return r.lists[n].Find(id)
			}
			return r.facts.Apps[a].Seen[id].Row
		}))
	}
	w.shown(r, seen)
	known := Observe(r.goal, r.facts, lists, s.now, s.now)
	d := Decide(r.goal, lists, known, s.now)
	x.forget(at, s, r, lists, known, d)
	r.facts, r.last = known, lists
	why += "run: " + d.Row + " " + d.Why
	x.check(at, s, k, d)
	again := func(c fleet.Command) bool { return facts.Passes(known.Tries[c].Err) } // for two minutes
	if s.allowed && !r.goal.Rollback && w.holds(s, 2) && len(s.flight) == 0 && x.some(s, func(gen int, m bits) bool { return gen == 2 && m&(there|open_) == there|open_ }) && !x.some(s, func(gen int, m bits) bool { return gen < 2 && m&(there|open_) == there|open_ }) {
		s.stood = true
	}
	switch {
	case d.Fail:
		if other := s.runs[1-k]; other.state == running {
			why += " (another run is at work)"
		}
		r.goal, r.facts = Turn(r.goal, r.facts, d, s.now)
		s.now = s.now.Add(time.Millisecond) // what Back begins is later
		x.add(at, s, why+" → Back", false, true)
	case d.Done != None:
		r.state = done
		x.atEnd(at, s, k, d, lists)
		x.add(at, s, why, false, false)
	default:
		for _, c := range d.Cancel {
			s.flight = slices.DeleteFunc(s.flight, func(f inFlight) bool { return f.run == k && f.cmd == c })
			r.facts = facts.End(r.goal, r.facts, c, "", flyctl.ErrInterrupted, s.now)
		}
		if len(d.Run) > 0 {
			x.begin(s, k, d)
			why += fmt.Sprintf(" [%d commands]", len(d.Run))
		}
		for a := range w.apps {
			s.was[a] = s.m[a]
		}
		x.add(at, s, why, strings.HasPrefix(why, "!"), len(d.Cancel) > 0 || slices.ContainsFunc(d.Run, func(c fleet.Command) bool { return !again(c) }))
	}
	if s.left.interrupt > 0 && d.Done == None && !d.Fail {
		t := s.clone()
		t.left.interrupt--
		q := &t.runs[k]
		last, _ := LastCommands(q.goal, lists, q.facts, t.now)
		x.check(at, t, k, Decision{Row: "interrupt", Run: last})
		t.flight = slices.DeleteFunc(t.flight, func(f inFlight) bool { return f.run == k })
		for _, c := range last {
			t.flight = append(t.flight, inFlight{c, k})
		}
		q.dead = true
		if len(last) == 0 {
			x.resume(at, t, k, "! interrupt; a new run")
		} else {
			x.add(at, t, "! interrupt: last commands", true, false)
		}
	}
}

// begin begins what a run has decided.
func (x *explorer) begin(s *state, k int, d Decision) {
	r := &s.runs[k]
	r.goal, r.facts = facts.Begin(r.goal, r.facts, d.Run, s.now)
	for _, c := range d.Run {
		s.flight = append(s.flight, inFlight{c, k})
		if c.Verb == fleet.Uncordon && r.goal.Aim == facts.Forward {
			s.allowed = true
		}
	}
}
