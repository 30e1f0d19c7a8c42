package drain

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/idle"
	"github.com/flydrain/flydrain/drain/internal/lists"
	"github.com/flydrain/flydrain/drain/internal/turns"
)

// sideBySide is how many machines are acted on at once. Most of them wait for a stop.
const sideBySide = 4 * flyctl.MaxParallel

// app is one app of a release at work: its settings with the defaults filled in,
// flyctl bound to it, and what this run knows of its machines.
type app struct {
	App
	release Release // resolved

	events *listener
	budget *interrupt
	fly    *flyctl.Client
	acting *flyctl.Client // for the commands of the loop: fly, or in a plan one that changes nothing
	lists  *lists.Lists
	turns  turns.Turns

	config flyctl.AppConfig // fly.toml, as the check read it
	mark   fleet.Mark       // of the release that it creates
	image  string           // to release
	baked  time.Time        // when the bake time ended; zero if there was none

	idling sync.Mutex
	drains *idle.Memory // under idling

	mu         sync.Mutex // of what follows
	destroyed  []string   // by this run
	cut        int        // connections that deadlines ended
	cutUnknown []string   // machines stopped at a deadline, with an unknown number of connections
}

// newApp returns one app of a resolved release.
func newApp(r Release, of App, events *listener, budget *interrupt) *app {
	a := &app{App: of, release: r, events: events, budget: budget, image: of.Image, drains: idle.NewMemory()}
	a.fly = &flyctl.Client{App: of.Name, Dir: of.Dir, Config: of.Config, Run: r.Flyctl, Every: r.ListEvery,
		Notify: func(err error, wait time.Duration) {
			a.emit(Event{Kind: EventRetry, Took: wait, Why: err.Error()})
		},
		Output: func(line string) { a.emit(Event{Kind: EventOutput, Output: line}) }}
	a.acting, a.lists = a.fly, lists.New(a.fly.List, r.ListEvery)
	return a
}

// readConfig returns fly.toml, by a flyctl that is new enough.
func (a *app) readConfig(ctx context.Context) (flyctl.AppConfig, error) {
	var tooOld error
	var version sync.WaitGroup
	version.Go(func() { _, tooOld = a.fly.Version(ctx) })
	cfg, err := a.fly.ConfigShow(ctx)
	version.Wait()
	return cfg, cmp.Or(tooOld, err)
}

// goal is what a goal says of an app, whatever it is.
func (a *app) goal() facts.App {
	return facts.App{Name: a.Name, HealthTimeout: a.HealthTimeout, Smoke: a.Smoke, Within: a.within(), StopLate: a.stopsLate()}
}

// within is the time from the creation of green's last machine to the cordon of blue's,
// at most: it is held, gets healthy, is checked and uncordoned, and blue is cordoned. It
// is 0 if a release may take as long as it likes.
func (a *app) within() time.Duration {
	if a.HealthTimeout == 0 {
		return 0
	}
	return a.HealthTimeout + checkFor + 3*cordonFor + a.release.Propagation
}

// list returns a list that is begun now.
func (a *app) list(ctx context.Context) (fleet.List, error) { return a.lists.Since(ctx, time.Now()) }

// shows reports whether a list confirms what flyctl reported. flyctl takes any answer
// for a success, and a list can be late.
func (a *app) shows(ctx context.Context, done func(fleet.List) bool) (bool, error) {
	for begun := time.Now(); ; {
		l, err := a.list(ctx)
		if shown := err == nil && done(l); err != nil || shown || time.Since(begun) > fleet.ListLag {
			return shown, err
		}
		if err := sleep(ctx, a.release.ListEvery); err != nil {
			return false, err
		}
	}
}

func (a *app) emit(e Event) {
	e.App = a.Name
	a.events.send(e)
}

func (a *app) emitMachine(kind EventKind, m *fleet.Machine) { a.emit(about(kind, m)) }

func (a *app) warn(text string) { a.emit(Event{Kind: EventWarning, Why: text}) }

// fault is an error about the app, and about a machine of it where one is given.
func (a *app) fault(machine string, kind error, format string, args ...any) *Error {
	e := newError(kind, format, args...)
	e.App, e.Machine = a.Name, machine
	return e
}

// refuse is the error for what will not be done.
func (a *app) refuse(machine, format string, args ...any) *Error {
	return a.fault(machine, ErrRefused, format, args...)
}

// takenBack is the error about a draining machine that somebody has uncordoned.
func (a *app) takenBack(id string) error {
	return a.fault(id, errTakenBack, "machine %s is left alone", id)
}
