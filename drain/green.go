package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// makeTries is how often a deploy or a clone that made nothing is tried.
const makeTries = 3

// Green is a source: the ids of new machines that run the image. It creates as many as
// Blue has for each process group, region and size, marked as one release, and
// cordons each while flyctl is still at work. It hands them on when all are there
// and held. Follow it with [Steps.AwaitHealthy] and [Steps.Uncordon]. Without an
// image it takes the app's Image, or else builds one. White space around the image
// is dropped, as the line of [Steps.Build] ends with a newline.
//
// flyctl registers a machine as it creates it, so each green machine could serve for
// the moment between its creation and its hold, if it boots and passes its checks
// that fast: [EventHeld] says how long the moment was. Surplus machines, or all of
// green after a failure, are destroyed where the lists show that they never served:
// held before they were up, and not healthy for the propagation time from then, as
// until then a proxy may not know of the hold. Otherwise they stay held.
func (s *Steps) Green(image string) *script.Pipe {
	return s.machines(func(ctx context.Context) (fleet, error) { return s.app.makeGreen(ctx, strings.TrimSpace(image)) })
}

func (a *app) makeGreen(ctx context.Context, image string) (_ fleet, err error) {
	if image == "" {
		if image, err = a.build(ctx); err != nil {
			return nil, err
		}
	}
	if err := flyctl.ValidateImage(image); err != nil {
		return nil, err
	}
	s, err := a.check(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	mk := s.newMark(newMarkID(time.Now(), s.blue, s.drains), 1)
	p := a.preparation(s, mk, image)
	green, err := p.run(ctx)
	if err != nil {
		left, undoErr := p.withdraw(ctx)
		if len(left) > 0 {
			where := "cordoned"
			if undoErr != nil {
				where = "perhaps serving"
			}
			err = fmt.Errorf("%w (left of green, %s: %s)", err, where, strings.Join(left.ids(), " "))
		}
		return nil, errors.Join(err, undoErr)
	}
	if left := p.drop(ctx, p.surplus); len(left) > 0 {
		p.warn("surplus machines are left, cordoned: " + strings.Join(left.ids(), " "))
	}
	return green, nil
}

// preparation is green of one app in the making. One goroutine runs it; the
// commands that it waits for report to done.
type preparation struct {
	*app
	situation
	mark  mark
	image string

	done      chan func() // what a finished command changes here
	deploying bool
	interrupt context.CancelFunc // ends the deploy that is under way
	deploys   int                // since the last one that made a group's machine
	made      int                // groups that had one by then
	ended     time.Time          // of the last deploy
	deployErr error
	clones    map[slot][]*cloning // under way, or not yet seen in the list
	unmade    map[slot][]error    // clones that failed
	holding   map[string]bool
	unheld    map[string][]error // cordons that failed
	births    map[string]*birth
	late      map[string]bool // machines of dead runs: true once a list showed them held
	believed  time.Time       // when a list was last whole
	progress  time.Time       // when a machine was last seen for the first time, or a deploy begun
	warned    time.Time       // of a deploy without progress
	complete  time.Time       // since when nothing is waited for but the deploy's own end
	surplus   fleet
	opened    bool // by a cutover: any machine may have taken traffic
}

// cloning is a clone whose machine may not be in the list yet.
type cloning struct {
	id    string    // flyctl's hint; "" while it runs, or when it did not say
	until time.Time // when to stop waiting for it; zero while it runs
}

// birth is what the lists have told of a green machine.
type birth struct {
	seen     time.Time // open, for the first time
	mayServe bool      // it was open and could take traffic, as far as any list tells
	held     time.Time // when a list showed it held, for the first time
	inTime   bool      // it was held before it could take traffic, and nothing shows that a proxy did not know it by then
	shut     time.Time // when a list last showed it held, and not fit for traffic either
	listed   time.Time // the last time
	up       uptime
}

func (a *app) preparation(s situation, mk mark, image string) *preparation {
	return &preparation{app: a, situation: s, mark: mk, image: image,
		done:   make(chan func()),
		clones: map[slot][]*cloning{}, unmade: map[slot][]error{},
		holding: map[string]bool{}, unheld: map[string][]error{}, births: map[string]*birth{}, late: map[string]bool{}}
}

// run makes green, and returns when every command it started has ended.
func (p *preparation) run(ctx context.Context) (green fleet, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		for p.busy() {
			(<-p.done)()
		}
	}()
	p.deploy(ctx, nil)
	tick := time.NewTimer(p.listEvery) // nothing of green can be there sooner
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case finished := <-p.done:
			finished()
			continue
		case <-tick.C:
		}
		begun := time.Now()
		f, err := p.list(ctx)
		if err == nil && p.believes(f, begun) {
			p.witnessAll(f, begun)
			if err = p.holdLate(ctx, f); err == nil {
				green, err = p.look(ctx, f.green(p.mark.id), begun)
			}
		} else if err == nil && begun.Sub(p.believed) > listLag {
			err = newError(nil, "%s: for %v flyctl has listed fewer machines than there were: a fault at Fly, or somebody destroyed some", p.Name, listLag).about(p.Name, "")
		}
		if err == nil && green == nil {
			err = p.watchDeploy(begun)
		}
		if green != nil || err != nil {
			return green, err
		}
		tick.Reset(p.listEvery)
	}
}

// believes reports whether a list shows all the machines that there were. Fly has
// answered with lists that were empty, or short of whole regions; to make again
// what such a list does not show would double the app.
func (p *preparation) believes(f fleet, begun time.Time) bool {
	if p.believed.IsZero() {
		p.believed = begun
	}
	for _, m := range p.blue {
		if _, here := f.find(m.ID); !here {
			return false
		}
	}
	for id := range p.births {
		if _, here := f.find(id); !here {
			return false
		}
	}
	p.believed = begun
	return true
}

func (p *preparation) busy() bool { return p.deploying || p.working() }

// working reports whether a command other than the deploy is under way.
func (p *preparation) working() bool {
	for _, cs := range p.clones {
		if slices.ContainsFunc(cs, func(c *cloning) bool { return c.until.IsZero() }) {
			return true
		}
	}
	return len(p.holding) > 0
}

// look does what a list shows is to be done, and returns green when nothing is.
func (p *preparation) look(ctx context.Context, seen fleet, listed time.Time) (fleet, error) {
	for _, m := range seen {
		if !m.Cordoned {
			if errs := p.unheld[m.ID]; len(errs) >= makeTries {
				return nil, person("green machine %s of %s serves, and could not be cordoned in %d tries: %w", m.ID, p.Name, len(errs), errs[len(errs)-1]).
					about(p.Name, m.ID).mend(machineCommand("cordon", p.Name, m.ID))
			}
			p.hold(ctx, m)
		}
	}
	// What is surplus should be what can go at once, and of that the youngest.
	slices.SortFunc(seen, func(a, b flyctl.Machine) int {
		return cmp.Or(cmp.Compare(p.births[a.ID].rank(), p.births[b.ID].rank()), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	missing, surplus := p.want.match(seen)
	if err := p.fill(ctx, missing, seen, surplus, listed); err != nil {
		return nil, err
	}
	if len(missing) > 0 || p.working() || len(seen.open()) > 0 || p.unseen(listed) {
		p.complete = time.Time{}
		return nil, nil
	}
	if p.deploying {
		if p.complete.IsZero() {
			p.complete = listed
		}
		return nil, nil
	}
	p.surplus = surplus
	return seen.where(func(m flyctl.Machine) bool { _, extra := surplus.find(m.ID); return !extra }), nil
}

func (b *birth) rank() int {
	if b.inTime {
		return 1
	}
	return 0
}

// holdLate takes what comes late of a dead run out of traffic, unless it serves in
// blue's place by now. Two things show that its run is alive, as we open none of
// it: what was held is open again, or all that the run was to make is up and open.
func (p *preparation) holdLate(ctx context.Context, f fleet) error {
	strays := p.strays(f, p.mark)
	for _, m := range strays.cordoned() {
		p.late[m.ID] = true
	}
	late, kept := f.spare(strays, p.serving)
	if len(kept) > 0 {
		return nil
	}
	for _, m := range late {
		mk, _ := markOf(m)
		if up := late.green(mk.id).where(flyctl.Machine.Healthy); p.late[m.ID] || len(up) == mk.machines {
			return newError(ErrChanged, "%s: another release is at work, and has uncordoned machine %s", p.Name, m.ID).about(p.Name, m.ID)
		}
		p.hold(ctx, m)
	}
	return nil
}

func (p *preparation) witnessAll(f fleet, listed time.Time) {
	for _, m := range f.green(p.mark.id) {
		p.witness(m, listed)
	}
}

// witness keeps what a row tells about the time between birth and hold.
func (p *preparation) witness(m flyctl.Machine, listed time.Time) {
	b := p.births[m.ID]
	if b == nil {
		b = &birth{seen: listed}
		p.births[m.ID] = b
		p.progress = listed
		p.emitMachine(EventCreated, m)
	}
	b.up.note(m, listed)
	now := time.Now()
	if !b.listed.IsZero() && now.Sub(b.listed) > lookGap && !b.held.IsZero() && !p.known(b) {
		b.inTime = false // what it was between two lists is unknown
	}
	b.listed = now
	up := m.Started() && len(m.Config.Services) > 0 || !m.Reachable()
	if !m.Cordoned {
		b.mayServe = b.mayServe || up
		b.inTime = false // where it was held, somebody has opened it
		return
	}
	if b.held.IsZero() {
		b.held = now // the cordon may be later than the list's begin
		b.inTime = !b.mayServe && !up
		e := about(EventHeld, m)
		e.Took = listed.Sub(b.seen)
		p.emit(e)
	}
	switch {
	case !mayTake(m):
		b.shut = listed
	case !p.known(b):
		b.inTime = false // a proxy that did not know of the cordon may have sent it one
	}
}

// hold takes a machine out of traffic.
func (p *preparation) hold(ctx context.Context, m flyctl.Machine) {
	if p.holding[m.ID] {
		return
	}
	p.holding[m.ID] = true
	go func() {
		err := p.fly.Cordon(ctx, m.ID)
		p.done <- func() {
			delete(p.holding, m.ID)
			if err != nil && ctx.Err() == nil {
				p.unheld[m.ID] = append(p.unheld[m.ID], err)
				p.warn(fmt.Sprintf("machine %s is not held yet: %v", m.ID, err))
			}
		}
	}()
}
