package rollout

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Facts are what a run knows beyond the newest lists. Nothing is lost for good
// with them: a run that begins with none waits longer, and does nothing else.
type Facts struct {
	Apps     []AppFacts // in the goal's order
	Listed   time.Time  // when the newest lists were begun
	Routing  time.Time  // when lists last showed a cordon that had changed
	Doubted  time.Time  // since when lists lack machines that may be there
	Still    int        // lists in a row that showed the machines and cordons of the one before
	Good     int        // lists in a row on which the next barrier could be passed
	Ready    time.Time  // since when green is whole and held
	Over     time.Time  // since when the release stands; zero while it does not
	Turned   time.Time  // when Forward became Back
	Restored time.Time  // of Back: since when blue is uncordoned again
	Shut     time.Time  // of Back: since when green is cordoned
	Asked    bool       // the Check agreed
	Rescued  []string   // blue machines uncordoned as their place had none that served

	Flying map[fleet.Command]time.Time // commands under way, since when
	Tries  map[fleet.Command]Try       // commands that have ended, while no list shows what they did
}

// AppFacts are those of one app.
type AppFacts struct {
	Seen    map[string]Evidence
	Floor   fleet.Floor       // as the release began, or guessed on the first list
	Made    []string          // green machines that flyctl named
	Kept    []string          // green machines that were uncordoned to serve
	GivenUp map[string]error  // machines that are left as they are, and why
	Doubt   bool              // the newest list lacks machines that may be there
	Wrong   map[Ailment]Spell // what has looked wrong on each list since
	Making  Making
}

// Evidence is what the lists have told of a machine.
type Evidence struct {
	Row       *fleet.Machine // the newest; nil before the first
	First     time.Time      // on a list
	Last      time.Time      // on a list
	Missing   time.Time      // on no list since; zero while it is on one
	Gone      bool           // destroyed, by whomever
	Destroyed bool           // by this run
	Cordoned  time.Time      // since then, and never earlier than it was; zero while it is shown uncordoned
	Given     bool           // this run has given it a cordon
	Taken     bool           // a list has shown that cordon
	Restored  bool           // a list has shown an uncordon that this run gave it, and this run has given no cordon since

	Up     time.Time // shown running since
	Start  int64     // when its VM last started, by its events
	Starts int       // how often that changed

	MayServe bool      // it was uncordoned and could serve, as far as any list shows
	Held     time.Time // first shown cordoned
	InTime   bool      // it was held before it could serve, and nothing shows that a proxy did not know of that
	Unfit    time.Time // last shown cordoned, and not fit for traffic either
}

// Ailment is something that looks wrong: of a machine, or of a place.
type Ailment struct {
	Kind    Kind
	Machine string
	Place   fleet.Place
}

// Kind is a way to look wrong.
type Kind string

const (
	ill     Kind = "unhealthy"               // green is not well
	partial Kind = "not whole"               // green has fewer machines than it was to have
	lost    Kind = "gone"                    // green was destroyed
	changed Kind = "destroyed or cordoned"   // blue, by somebody else
	strange Kind = "created by somebody"     // neither blue nor green
	silent  Kind = "out of reach"            // blue that is to be cordoned
	Retaken Kind = "uncordoned by somebody"  // blue, after the cutover
	empty   Kind = "without serving machine" // a place that needs one
	weak    Kind = "with too few machines"   // a place where green, all of it well, is too few
)

// Spell is how long something has looked wrong.
type Spell struct {
	Since time.Time
	Lists int
}

// Making is how far the commands that create green have come.
type Making struct {
	Deploys  int       // since the last one that created a group's first machine
	Groups   int       // that had one by then
	Ended    time.Time // the last deploy
	Err      error     // of it
	Asked    []string  // the groups that the last deploy was for
	Built    bool      // this run pushed the image
	Released bool      // the release command has run
	Progress time.Time // when green last grew, or a deploy began
	Whole    time.Time // since when nothing is waited for but the deploy's own end
	Number   int       // of commands begun
	Clones   []Clone
	Failed   map[fleet.Slot]Try // clones in a row
}

// Clone is a clone that has ended, and whose machine may not be listed yet.
type Clone struct {
	Slot  fleet.Slot
	ID    string    // flyctl's hint
	Until time.Time // when to stop waiting for it
}

// inDoubt reports whether another list may yet show machines that the newest lacks.
func (f Facts) inDoubt(now time.Time) bool {
	return now.Sub(f.Doubted) < regionLag
}

func (f Facts) clone() Facts {
	f.Flying, f.Tries = maps.Clone(f.Flying), maps.Clone(f.Tries)
	if f.Flying == nil {
		f.Flying, f.Tries = map[fleet.Command]time.Time{}, map[fleet.Command]Try{}
	}
	f.Apps = slices.Clone(f.Apps)
	f.Rescued = slices.Clone(f.Rescued)
	for i := range f.Apps {
		a := &f.Apps[i]
		a.Seen, a.GivenUp, a.Wrong = cloned(a.Seen), cloned(a.GivenUp), cloned(a.Wrong)
		a.Made, a.Kept, a.Making.Clones = slices.Clone(a.Made), slices.Clone(a.Kept), slices.Clone(a.Making.Clones)
		a.Making.Failed = cloned(a.Making.Failed)
	}
	return f
}

func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// Begin returns the goal and the facts when a decision's commands have been begun.
func Begin(g Goal, f Facts, d Decision, now time.Time) (Goal, Facts) {
	f = f.clone()
	for _, c := range d.Run {
		f.Flying[c] = now
		a := app(g, &f, c)
		switch c.Verb {
		case fleet.Uncordon:
			switch {
			case g.Aim != Forward:
			case !f.Over.IsZero():
				f.Rescued = append(f.Rescued, c.Machine)
			default:
				if !slices.Contains(a.Kept, c.Machine) {
					a.Kept = append(a.Kept, c.Machine)
					f.Good = 0
				}
				g.Promoted = true
			}
		case fleet.Cordon:
			e := a.Seen[c.Machine]
			e.Given, e.Restored = true, false
			a.Seen[c.Machine] = e
		case fleet.Deploy:
			a.Making.Deploys++
			a.Making.Number++
			a.Making.Progress = now
			if a.Making.Asked = strings.Split(c.Groups, ","); c.Groups == "" {
				a.Making.Asked = wanted(g, c).Groups()
			}
		case fleet.Clone:
			a.Making.Number++
		}
	}
	return g, f
}

func app(g Goal, f *Facts, c fleet.Command) *AppFacts {
	i := slices.IndexFunc(g.Apps, func(a App) bool { return a.Name == c.App })
	if i < 0 {
		return &AppFacts{Seen: map[string]Evidence{}} // a command of the whole release
	}
	return &f.Apps[i]
}

func wanted(g Goal, c fleet.Command) fleet.Capacity {
	return g.Apps[slices.IndexFunc(g.Apps, func(a App) bool { return a.Name == c.App })].Want
}

// Turn returns the goal and the facts when Forward becomes Back.
func Turn(g Goal, f Facts, d Decision, now time.Time) (Goal, Facts) {
	g.Aim, g.Why, g.Cause, f.Turned, f.Good = Back, d.Why, d.Cause, now, 0
	return g, f
}

// End returns the facts when a command has ended. The id is the machine that
// flyctl says it created, if any.
func End(g Goal, f Facts, c fleet.Command, id string, err error, now time.Time) Facts {
	f = f.clone()
	begun := f.Flying[c]
	delete(f.Flying, c)
	a := app(g, &f, c)
	if id != "" {
		a.Made = append(a.Made, id)
	}
	m := &a.Making
	if c.Creates() {
		f.Still = 0 // what it created may be late in the list
	}
	tried := again(f.Tries[c], begun, err, now)
	switch c.Verb {
	case fleet.Deploy:
		m.Ended, m.Err = now, err
		return f
	case fleet.Clone:
		wait := fleet.ListLag
		if err == nil {
			delete(m.Failed, c.Slot)
		} else {
			m.Failed[c.Slot] = again(m.Failed[c.Slot], begun, err, now)
			wait = refusedLag
		}
		m.Clones = append(m.Clones, Clone{c.Slot, id, now.Add(wait)})
		return f
	case fleet.Build:
		m.Built = err == nil
	case fleet.Release:
		m.Released = err == nil
	case fleet.Check:
		f.Asked = err == nil
	case fleet.Cordon:
		if e := a.Seen[c.Machine]; e.First.IsZero() && errors.Is(err, flyctl.ErrMachineNotFound) {
			e.Gone = true // no list has ever shown it either
			a.Seen[c.Machine] = e
		}
	case fleet.Drain, fleet.Destroy:
		switch {
		case err == nil:
			e := a.Seen[c.Machine]
			e.Destroyed = true
			a.Seen[c.Machine] = e
		case c.Verb == fleet.Destroy && !ended(tried, now): // a drain tries again by itself
		case !errors.Is(err, context.Canceled):
			a.GivenUp[c.Machine] = err
		}
	}
	f.Tries[c] = tried
	return f
}

// since keeps when something began to be so, and forgets it when it is not.
func since(t *time.Time, now time.Time, is bool) {
	switch {
	case !is:
		*t = time.Time{}
	case t.IsZero():
		*t = now
	}
}

// shut reports whether a list has shown the machine unfit for traffic when all
// proxies knew that it was held.
func (e Evidence) shut(spread time.Duration) bool { return e.Unfit.Sub(e.Held) >= spread }

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
