// Package facts says what a run is to reach, and what it knows beyond the newest lists.
// It folds what lists show ([See]) and how commands begin and end ([Begin], [End]). What
// that means for the release, and what to do next, is decided in package rollout.
package facts

import (
	"maps"
	"slices"
	"time"

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
	Seen     map[string]Evidence
	Least    fleet.Floor       // as the release began, or guessed on the first list
	Made     []string          // green machines that flyctl named
	Promoted []string          // green machines that were uncordoned to serve
	GivenUp  map[string]error  // machines that are left as they are, and why
	Doubt    bool              // the newest list lacks machines that may be there
	Wrong    map[Ailment]Spell // what has looked wrong on each list since
	Making   Making
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
	Reopened  bool           // it is uncordoned, after lists had shown it cordoned for longer than one can be late

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

// InDoubt reports whether another list may yet show machines that the newest lacks.
func (f Facts) InDoubt(now time.Time) bool {
	return now.Sub(f.Doubted) < regionLag
}

// Unsure reports whether something looks wrong that has not for long enough, so
// that lists should follow each other closely.
func (f Facts) Unsure() bool {
	for _, a := range f.Apps {
		if a.Doubt || len(a.Wrong) > 0 {
			return true
		}
	}
	return false
}

// Creating reports whether a command is under way that creates machines. It tells of each,
// so that lists need not follow each other closely.
func (f Facts) Creating() bool {
	for c := range f.Flying {
		if c.Creates() {
			return true
		}
	}
	return false
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
		a.Made, a.Promoted, a.Making.Clones = slices.Clone(a.Made), slices.Clone(a.Promoted), slices.Clone(a.Making.Clones)
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
