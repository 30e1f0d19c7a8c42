package drain

import (
	"context"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// sideBySide is how many machines are acted on at once. Most of them wait for a stop.
const sideBySide = 4 * flyctl.MaxParallel

// app is one app of a release at work: its settings with the defaults filled in,
// flyctl bound to it, and what this run knows of its machines.
type app struct {
	App
	first            bool
	allowUnreachable bool
	propagation      time.Duration
	listEvery        time.Duration // between two looks at the list

	events *listener
	budget *interrupt
	fly    *flyctl.Client
	acting *flyctl.Client // for the commands of the loop: fly, or in a plan one that changes nothing
	lists  *lister

	config flyctl.AppConfig // fly.toml, as the check read it
	mark   fleet.Mark       // of the release that it creates
	guest  flyctl.Guest     // the size of machines for which nothing else gives one
	image  string           // to release

	destroyed  []string // by this run
	cut        int      // connections that deadlines ended
	cutUnknown []string // machines stopped at a deadline, with an unknown number of connections

	mu           sync.Mutex // of what this run has destroyed and cut
	cordonedAt   sync.Map   // id → time.Time, for the machines that this run has cordoned
	uncordonedAt sync.Map   // the same for those that it has uncordoned
	baked        time.Time  // when the bake time ended; zero if there was none
}

// newApp returns one app of a resolved release.
func newApp(r Release, of App, events *listener, budget *interrupt) *app {
	a := &app{App: of, first: r.First, allowUnreachable: r.AllowUnreachable, propagation: r.Propagation, listEvery: r.ListEvery,
		events: events, budget: budget}
	a.fly = &flyctl.Client{App: of.Name, Dir: of.Dir, Config: of.Config, Run: r.Flyctl, Every: r.ListEvery,
		Notify: func(err error, wait time.Duration) {
			a.emit(Event{Kind: EventRetry, Took: wait, Why: err.Error()})
		},
		Output: func(line string) { a.emit(Event{Kind: EventOutput, Output: line}) }}
	a.acting, a.image = a.fly, of.Image
	a.lists = newLister(a.fly.List, r.ListEvery)
	return a
}

// list returns a list that is begun now.
func (a *app) list(ctx context.Context) (fleet.List, error) { return a.listSince(ctx, time.Now()) }

// listSince returns a list that was begun at t or later.
func (a *app) listSince(ctx context.Context, t time.Time) (fleet.List, error) {
	return a.lists.since(ctx, t)
}

func (a *app) emit(e Event) {
	e.App = a.Name
	a.events.send(e)
}

func (a *app) emitMachine(kind EventKind, m *fleet.Machine) { a.emit(about(kind, m)) }

func (a *app) warn(text string) { a.emit(Event{Kind: EventWarning, Why: text}) }
