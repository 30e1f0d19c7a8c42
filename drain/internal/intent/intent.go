// Package intent reads what there is to do from the machine lists alone: about a
// release that another run began, and to go back to an older one. The rows of its table
// are numbered I1 to I9.
package intent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Intention is what there is to do about the newest release of some apps, by the machine
// lists alone.
type Intention struct {
	Apps    []int      // which of the apps, by their place
	Row     string     // of the table
	Goal    facts.Goal // unless Rest or Person is set
	Rest    bool       // nothing is to be cordoned, uncordoned or drained
	Person  string     // a person is needed, and why
	Size    int        // how many apps the release has
	Missing string     // those of them that are not given, "" if all are
}

// Of reads the lists of some apps. Apps of one release are decided together.
// For a deploy, what only drains is at rest.
func Of(apps []facts.App, lists []fleet.List, deploy bool) []Intention {
	var out []Intention
	for i := range apps {
		id := lists[i].Newest().ID
		at := slices.IndexFunc(out, func(o Intention) bool { return id != "" && lists[o.Apps[0]].Newest().ID == id })
		if at < 0 {
			out = append(out, Intention{})
			at = len(out) - 1
		}
		out[at].Apps = append(out[at].Apps, i)
	}
	for i := range out {
		out[i].decide(apps, lists, deploy)
	}
	return out
}

func (in *Intention) decide(apps []facts.App, lists []fleet.List, deploy bool) {
	in.Goal.Resumed = true
	rows := map[string]int{}
	last := ""
	for _, i := range in.Apps {
		mk := lists[i].Newest()
		a := apps[i]
		parts := lists[i].Part(mk.ID, nil, nil)
		a.ID, a.Size, a.Want, a.Image = mk.ID, mk.Machines, nil, false
		a.Before = &fleet.Before{Blue: parts.Blue.IDs(), Others: parts.Earlier.IDs()}
		in.Goal.Apps = append(in.Goal.Apps, a)
		in.Size, in.Missing = max(in.Size, mk.Apps), cmp.Or(in.Missing, missing(mk, apps))
		row := intentRow(lists[i], mk)
		if row == "I9" {
			in.Person = fmt.Sprintf("%s: no machine serves, and flydrain cannot tell which release should: uncordon the machines of one release, and deploy again", a.Name)
		}
		rows[row]++
		last = max(last, row)
	}
	in.Row = last
	n := func(names ...string) (n int) {
		for _, name := range names {
			n += rows[name]
		}
		return n
	}
	total := len(in.Apps)
	switch {
	case in.Person != "":
	case n("I1", "I2") == total, deploy && n("I1", "I2", "I3", "I8") == total, deploy && n("I1", "I5", "I8") == total:
		in.Rest = true
	case n("I1", "I2", "I3", "I8") == total:
		in.Goal.Aim = facts.DrainOnly
	case n("I2", "I3", "I4") > 0: // where one serves alone, there is no way back
		in.Goal.Aim, in.Goal.Promoted = facts.Forward, true
	default:
		in.Goal.Aim = facts.Back
		if short := in.noWayBack(lists); deploy && short != "" {
			in.Rest = true // a new release takes the place of both
		} else {
			in.Person = short
		}
	}
}

// missing names the apps of a release that are not given. An app of it may have no machine
// of it yet, or any more, so only the mark tells which they are.
func missing(mk fleet.Mark, given []facts.App) string {
	var names []string
	for name := range strings.SplitSeq(mk.Names, "/") {
		if !slices.ContainsFunc(given, func(a facts.App) bool { return a.Name == name }) {
			names = append(names, name)
		}
	}
	if mk.Names == "" && len(given) < mk.Apps {
		return "the others"
	}
	return strings.Join(names, ", ")
}

// noWayBack says in which app and place the blue machines, all uncordoned, would be fewer
// than the green ones that serve, "" if in none.
func (in *Intention) noWayBack(lists []fleet.List) string {
	for k, i := range in.Apps {
		a := in.Goal.Apps[k]
		g := lists[i].Part(a.ID, nil, nil)
		if p, short := tooFew(g); short {
			return fmt.Sprintf("%s: release %s and the one before it both serve, and the older machines alone are too few in %s: deploy again", a.Name, a.ID, p)
		}
	}
	return ""
}

// tooFew returns a place where blue, all of it uncordoned, would be less than what
// serves of green, and whether there is one.
func tooFew(g fleet.Generations) (fleet.Place, bool) {
	return fleet.Floor(g.Green.Serving()).Short(g.Blue.CouldServe())
}

// intentRow is the row of the table that applies to one app.
func intentRow(all fleet.List, mk fleet.Mark) string {
	l := all.Managed()
	if mk.ID == "" {
		if len(l) == 0 || len(l.Cordoned()) < len(l) {
			return "I1"
		}
		return "I9"
	}
	g := l.Part(mk.ID, nil, nil)
	green := len(g.Green.Uncordoned())
	older := append(append(fleet.List{}, g.Blue...), g.Earlier...)
	open := len(older.Uncordoned())
	late := len(g.Stragglers.Uncordoned())
	whole := green >= mk.Machines && green > 0
	_, short := tooFew(g)
	switch {
	case late > 0 && whole && open == 0:
		return "I4"
	case green > 0 && len(older) == 0:
		return "I2"
	case green > 0 && open == 0:
		return "I3"
	case whole && (len(g.Blue.Cordoned()) > 0 || short):
		return "I4"
	case green == 0 && open > 0 && len(g.Blue.Cordoned()) == 0:
		return "I5"
	case open > 0:
		return "I6"
	case len(older) == 0 && len(g.Strange.Uncordoned()) == 0 && len(all.Unknown()) == 0:
		return "I7"
	case len(g.Strange.Uncordoned()) > 0:
		return "I8"
	}
	return "I9"
}
