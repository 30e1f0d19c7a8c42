package rollout

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Decide says what to do next. The lists are those of [Observe], one of each app
// in the goal's order, and the facts are what it returned with them.
func Decide(g Goal, lists []fleet.List, f Facts, now time.Time) Decision {
	vs := views(g, lists, f, now)
	var d Decision
	switch g.Aim {
	case Forward:
		d = forward(g, f, vs)
	case Back:
		d = goBack(g, f, vs)
	default:
		d = drainOnly(g, f, vs)
	}
	if d.Fail && g.WellOnly { // there is nothing to undo
		d.Fail, d.Done = false, Left
	}
	d.Run = due(f, d.Run, now)
	if d.Done != None && len(f.Flying) > 0 { // a drain is a wait: it is left to a later run
		d.Done, d.Why, d.Cancel = None, d.Why+"; the commands under way must end first", underWay(f, fleet.Drain)
	}
	return d
}

// due leaves out commands that are under way, or on whose machine another one is;
// those that have had their end; and those that were given a moment ago.
func due(f Facts, run []fleet.Command, now time.Time) []fleet.Command {
	return slices.DeleteFunc(run, func(c fleet.Command) bool {
		for o := range f.Flying {
			if o.Machine == c.Machine && !o.Creates() && !c.Creates() { // no two apps have a machine of one id
				return true
			}
		}
		t := f.Tries[c]
		pause := time.Second
		switch {
		case t.Err == nil:
			pause = ListLag
		case c.Verb == fleet.Start, c.Verb == fleet.Release:
			pause = gap
		}
		return ended(t, now) || now.Sub(t.Last) < pause
	})
}

// on returns one command of a verb for each machine.
func (v view) on(verb fleet.Verb, ms fleet.List) []fleet.Command {
	var out []fleet.Command
	for _, m := range ms {
		out = append(out, fleet.Command{App: v.Name, Verb: verb, Machine: m.ID})
	}
	return out
}

// each joins what is picked of each app.
func each(vs []view, pick func(view) []fleet.Command) []fleet.Command {
	var out []fleet.Command
	for _, v := range vs {
		out = append(out, pick(v)...)
	}
	return out
}

// trouble finds what has looked wrong with a release for so long that it is to be
// undone. It fills in the decision, and reports whether there is any.
func trouble(vs []view, d *Decision) bool {
	for _, v := range vs {
		kinds := []Kind{lost, changed, strange}
		if v.promoted {
			kinds = append(kinds, ill, partial)
		}
		lasting := v.spells(kinds...)
		if len(lasting) == 0 {
			continue
		}
		a := lasting[0]
		d.Cause = ErrChanged
		if a.Kind == ill || a.Kind == partial || a.Kind == lost {
			d.Cause = ErrNotHealthy
		}
		d.App, d.About = v.Name, a.Machine
		if d.Why = fmt.Sprintf("%s: machine %s %s", v.Name, a.Machine, v.describe(a)); a.Kind == partial {
			d.Why = fmt.Sprintf("%s: green is incomplete: only %d machines are there", v.Name, len(v.kept()))
		}
		return true
	}
	return false
}

// spells returns the ailments of some kinds that have lasted, in a fixed order.
func (v view) spells(kinds ...Kind) []Ailment {
	var out []Ailment
	for a, s := range v.Wrong {
		if slices.Contains(kinds, a.Kind) && v.lasts(a, s) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Ailment) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Machine, b.Machine), cmp.Compare(a.Place.String(), b.Place.String()))
	})
	return out
}

// lasts reports whether an ailment has lasted for so long that it is believed: one
// look never undoes. What somebody has done takes three lists in a row, and what may
// pass by itself a minute too.
func (v view) lasts(a Ailment, s Spell) bool {
	done := slices.Contains([]Kind{lost, changed, strange, Retaken}, a.Kind)
	return s.Lists >= tries && (done || v.now.Sub(s.Since) >= minute)
}

// passing reports whether there is an ailment of a kind that has not lasted yet.
func (v view) passing(kind Kind) bool {
	for a, s := range v.Wrong {
		if a.Kind == kind && !v.lasts(a, s) {
			return true
		}
	}
	return false
}

func (v view) describe(a Ailment) string {
	m := v.list.Find(a.Machine)
	switch a.Kind {
	case ill:
		return v.lacks(m)
	case changed:
		if v.Seen[a.Machine].Gone {
			return "was destroyed by somebody else"
		}
		return "was cordoned by somebody else"
	case lost:
		return "has gone"
	case strange:
		return "was created by somebody else"
	}
	return string(a.Kind)
}

// failed finds a command of some verbs that has failed and is not tried again. It fills
// in the decision, and reports whether there is any.
func failed(g Goal, f Facts, now time.Time, d *Decision, verbs ...fleet.Verb) bool {
	for _, c := range slices.SortedFunc(maps.Keys(f.Tries), func(a, b fleet.Command) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Machine, b.Machine))
	}) {
		t := f.Tries[c]
		once := c.Verb == fleet.Build || c.Verb == fleet.Check ||
			c.Verb == fleet.Release && !Passes(t.Err) && !(app(g, &f, c).Making.Built && errors.Is(t.Err, flyctl.ErrImageNotFound))
		if !slices.Contains(verbs, c.Verb) || !(once && t.Err != nil) && !ended(t, now) {
			continue
		}
		if e := app(g, &f, c).Seen[c.Machine]; !e.Missing.IsZero() && !e.Gone {
			continue // lists lack the machine, and it may have gone
		}
		d.Row, d.Fail, d.App, d.About = "F1", true, c.App, c.Machine
		switch {
		case c.Verb == fleet.Check:
			d.Why, d.Cause = fmt.Sprintf("the release's own check: %v", t.Err), errors.Join(ErrNotHealthy, t.Err)
		case t.Err != nil:
			d.Why, d.Cause = t.Err.Error(), t.Err
		default:
			d.Why, d.Cause = fmt.Sprintf("%s: flyctl reported success three times for %s of machine %s, but no list shows it", c.App, c.Verb, c.Machine), ErrChanged
		}
		return true
	}
	return false
}

// Few lists ids for a sentence, the first few of them.
func Few(ids []string) string {
	const few = 5
	if len(ids) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:few], " "), len(ids)-few)
	}
	return strings.Join(ids, " ")
}

// count says how many machines are picked of all apps.
func count(vs []view, pick func(view) fleet.List) int {
	n := 0
	for _, v := range vs {
		n += len(pick(v))
	}
	return n
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// autostopped returns the machines that are stopped and are to run.
func (v view) autostopped() fleet.List {
	return v.kept().Where(func(m *fleet.Machine) bool { return !m.Thin && m.Stopped() && !v.isWell(m) })
}
