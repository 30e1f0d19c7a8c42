package rollout

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Limits that matter to the packages below alone.
const quiet, tooLong, regionLag, minute = 40 * time.Second, 200 * time.Second, 10 * time.Minute, time.Minute

// key tells states apart. Of times it has which of the limits that matter are over.
func (x *explorer) key(s *state) string {
	b := make([]byte, 0, 256)
	for a := range x.w.apps {
		for _, m := range s.m[a] {
			b = append(b, byte(m))
		}
		if s.left.lag > 0 {
			for _, m := range s.was[a] {
				b = append(b, byte(m))
			}
		}
	}
	flight := make([]string, 0, len(s.flight))
	for _, f := range s.flight {
		flight = append(flight, string(f.cmd.Verb)+f.cmd.Machine+f.cmd.App+f.cmd.Groups+f.cmd.Slot.Group+string(rune('a'+f.run)))
	}
	slices.Sort(flight)
	b = append(b, strings.Join(flight, ",")...)
	b = fmt.Append(b, s.left, s.stood, s.allowed)
	for k := range s.runs {
		r := &s.runs[k]
		b = append(b, byte(r.state))
		if r.state != running {
			continue
		}
		if r.waiting {
			b = append(b, r.watch.Picture...)
		}
		b = append(b, byte(min(r.fit, 2)))
		if r.goal.Promoted {
			b = fmt.Append(b, r.dark)
		}
		b = append(b, byte(r.goal.Aim), bit(r.goal.Promoted), bit(r.goal.Resumed), bit(r.dead), '|')
		b = x.factsKey(b, r, s.now)
		if !r.goal.Promoted && r.goal.Aim == facts.Forward { // then the last list is decided on again
			for _, l := range r.last {
				for _, m := range l {
					b = append(b, m.ID[len(m.ID)-1], bit(m.Thin), bit(m.Cordoned))
				}
			}
		}
	}
	return string(b)
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func (x *explorer) factsKey(b []byte, r *runState, now time.Time) []byte {
	f := &r.facts
	if f.Apps == nil {
		b = append(b, 'n')
	}
	if r.goal.Aim == facts.Back {
		b = append(b, byte(min(f.Still, 2)))
	}
	b = append(b, byte(min(f.Good, 2)), bit(f.Asked), bit(f.Over.IsZero()), byte(len(f.Rescued)))
	for _, c := range slices.SortedFunc(maps.Keys(f.Flying), compareCommands) {
		b = append(b, string(c.Verb)+c.App+c.Machine...)
		b = append(b, bit(f.Flying[c].After(f.Turned)))
	}
	for _, c := range slices.SortedFunc(maps.Keys(f.Tries), compareCommands) {
		t := f.Tries[c]
		b = append(b, string(c.Verb)+c.App+c.Machine...)
		b = append(b, byte(min(t.Wins, facts.Tries)), byte(min(t.Fails, facts.Tries)), bit(t.Err != nil))
	}
	for i := range f.Apps {
		a := &f.Apps[i]
		b = append(b, '/', bit(a.Doubt), byte(len(a.GivenUp)))
		b = append(b, strings.Join(a.Promoted, ",")...)
		for _, id := range slices.Sorted(maps.Keys(a.Seen)) {
			e := a.Seen[id]
			_, n := index(id)
			b = append(b, byte('A'+n), bit(e.First.IsZero()), bit(e.Gone), bit(e.Destroyed), bit(e.Given), bit(e.Taken), bit(e.Restored), bit(e.Reopened))
			if e.Row != nil {
				b = append(b, bit(e.Row.Thin), bit(e.Row.Cordoned), bit(e.Row.Healthy()))
			}
			if !r.goal.Promoted {
				b = append(b, bit(e.MayServe), bit(e.InTime), bit(e.Shut(spread)))
			}
		}
		for _, w := range slices.SortedFunc(maps.Keys(a.Wrong), compareAilments) {
			b = append(b, string(w.Kind)+w.Machine+w.Place.Group...)
			b = append(b, byte(min(a.Wrong[w].Lists, facts.Tries)))
		}
		if m := &a.Making; !r.goal.Promoted {
			b = append(b, byte(min(m.Deploys, facts.Tries)), byte(m.Groups), bit(m.Err != nil), byte(len(a.Made)), bit(m.Number > 0))
			for _, t := range m.Failed {
				b = append(b, byte(t.Fails))
			}
		}
	}
	x.timers(r, func(t time.Time, limits ...time.Duration) {
		n := byte(0)
		if !t.IsZero() {
			n = 1
			for _, l := range limits {
				if now.Sub(t) >= l {
					n++
				}
			}
		}
		b = append(b, n)
	})
	return b
}

// timers are the times since which something is so, and for each the ages at
// which a decision can change.
func (x *explorer) timers(r *runState, timer func(since time.Time, limits ...time.Duration)) {
	f := &r.facts
	if r.waiting {
		timer(r.watch.Since, quiet)
		timer(r.watch.Began, tooLong)
		return
	}
	if r.goal.Promoted || r.goal.Aim == facts.Back {
		timer(f.Routing, spread)
	}
	if r.goal.Aim == facts.DrainOnly {
		timer(f.Routing, quiet)
	}
	timer(f.Doubted, fleet.ListLag, regionLag)
	timer(f.Over, x.w.bake)
	timer(f.Restored, healthTimeout)
	timer(f.Shut, healthTimeout)
	for _, c := range slices.SortedFunc(maps.Keys(f.Tries), compareCommands) {
		timer(f.Tries[c].Last, time.Second, fleet.ListLag)
		if f.Tries[c].Err != nil {
			timer(f.Tries[c].First, facts.CordonFor)
		}
	}
	if !r.goal.Promoted {
		timer(f.Ready, healthTimeout+1)
	}
	for i := range f.Apps {
		a := &f.Apps[i]
		for _, id := range slices.Sorted(maps.Keys(a.Seen)) {
			e := a.Seen[id]
			timer(e.Missing, fleet.ListLag, regionLag)
			if r.goal.Resumed && r.goal.Aim == facts.Back && e.Last.Sub(e.Cordoned) < fleet.ListLag {
				timer(e.Cordoned, fleet.ListLag)
			}
			if e.InTime && !e.Shut(spread) && !r.goal.Promoted {
				timer(e.Held, spread, spread+fleet.ListLag)
			}
		}
		for _, w := range slices.SortedFunc(maps.Keys(a.Wrong), compareAilments) {
			timer(a.Wrong[w].Since, minute)
		}
		if m := &a.Making; !r.goal.Promoted {
			if flying(*f, fleet.Deploy) {
				timer(m.Progress, silence, stall)
				timer(m.Whole, silence)
			}
			if f.Ready.IsZero() {
				timer(m.Ended, 2*time.Second, facts.RefusedLag, fleet.ListLag)
				for _, c := range m.Clones {
					timer(c.Until, 0)
				}
			}
		}
	}
}

// next returns how long it takes until a timer reaches a limit, 0 if none will.
func (x *explorer) next(r *runState, now time.Time) time.Duration {
	best := time.Duration(0)
	x.timers(r, func(t time.Time, limits ...time.Duration) {
		for _, l := range limits {
			if d := t.Add(l).Sub(now); !t.IsZero() && d > 0 && (best == 0 || d < best) {
				best = d
			}
		}
	})
	return best
}

func compareAilments(a, b facts.Ailment) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Machine, b.Machine), cmp.Compare(a.Place.Group, b.Place.Group))
}

func compareCommands(a, b fleet.Command) int {
	return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Machine, b.Machine), cmp.Compare(a.Number, b.Number))
}
