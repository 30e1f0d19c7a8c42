package drain

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// run is one operation of a release at work: the loop that observes, decides and
// executes, with a goal, until that is reached. One goroutine runs it; the commands
// that it has begun report to ended.
type run struct {
	Release // resolved
	apps    []*app
	events  *listener
	budget  *interrupt
	report  Report

	part  []*app // of the goal, in its order
	goal  rollout.Goal
	facts rollout.Facts
	lists []fleet.List
	blind time.Time // since when an app cannot be listed; zero while all can
	lost  bool      // no list could be had at the end

	still    map[string]string // the newest release of each app, when a repair found it still
	failedIn Phase             // when Forward became Back

	mu   sync.Mutex // of seen alone
	seen known      // for who asks beside the loop

	under map[fleet.Command]context.CancelFunc // commands under way
	ended chan ended
	told  teller
	image string   // for the step Green, in place of the app's
	dry   *planner // reaches goals in place of the loop; nil but in a plan
}

// known is what a run was after and knew when it last looked. It is never written to.
type known struct {
	goal  rollout.Goal
	facts rollout.Facts
}

// of returns what the goal says of an app.
func (k known) of(a *app) rollout.App {
	i := slices.IndexFunc(k.goal.Apps, func(g rollout.App) bool { return g.Name == a.Name })
	return k.goal.Apps[i]
}

// ended is a command that has come back.
type ended struct {
	command fleet.Command
	id      string // of the machine that flyctl says it created
	err     error
}

// newRun begins a run. Call end when it is over.
func (r Release) newRun(ctx context.Context) (j *run, end func(), err error) {
	r, err = r.resolved()
	if err != nil {
		return nil, nil, err
	}
	j = &run{Release: r, events: &listener{tell: r.Events}, ended: make(chan ended), under: map[fleet.Command]context.CancelFunc{}}
	j.budget, end = watchInterrupt(ctx)
	for _, a := range r.Apps {
		j.apps = append(j.apps, newApp(r, a, j.events, j.budget))
		j.report.Apps = append(j.report.Apps, AppReport{App: a.Name, Image: a.Image})
	}
	return j, end, nil
}

// run runs one operation and returns its report.
func (r Release) run(ctx context.Context, operation func(*run, context.Context) error) (Report, error) {
	j, end, err := r.newRun(ctx)
	if err != nil {
		return Report{Result: ResultUsage, Why: oneLine(err), Apps: []AppReport{}}, err
	}
	defer end()
	err = operation(j, ctx)
	failed := err
	if j.report.Result == ResultFailed && j.failedIn != "" {
		failed = nil // that phase has ended with it, and the undoing went well
	}
	j.told.phase(j, "", failed)
	j.finishReport(err)
	j.announce(err)
	return j.report, err
}

// reach runs the loop until the goal of some apps is reached, or is found out of
// reach and undone.
func (j *run) reach(ctx context.Context, part []*app, g rollout.Goal) (rollout.Decision, error) {
	if j.dry != nil {
		return j.dry.reach(ctx, part, g)
	}
	j.part, j.goal, j.facts, j.lists = part, g, rollout.Facts{}, nil
	for pace := j.ListEvery; ; {
		begun := time.Now()
		lists, err := j.observe(ctx)
		if ctx.Err() != nil {
			return j.interrupted(ctx)
		}
		if err != nil {
			if d, over := j.unlisted(ctx, err); over {
				return d, err
			}
			continue
		}
		was := j.facts
		j.see(lists, begun)
		j.told.changes(j, was)
		d := rollout.Decide(j.goal, j.lists, j.facts, time.Now())
		j.told.decision(j, d)
		for _, c := range d.Cancel {
			j.under[c]()
		}
		switch {
		case d.Done != rollout.None:
			return d, nil
		case d.Fail:
			j.failedIn = Phase(d.Phase)
			j.goal, j.facts = rollout.Turn(j.goal, j.facts, d, time.Now())
			continue
		}
		j.goal, j.facts = rollout.Begin(j.goal, j.facts, d, time.Now())
		j.start(ctx, d.Run)
		if d.Phase != rollout.PhaseDrain || j.facts.Routing.After(was.Routing) || len(d.Run)+len(d.Cancel) > 0 || j.facts.Unsure() {
			pace = j.ListEvery
		} else {
			pace = min(2*pace, slowest)
		}
		j.wait(ctx, pace, d.Until)
	}
}

// observe lists the machines of all apps, side by side; again where one took so long
// that what was seen of the others is old by then.
func (j *run) observe(ctx context.Context) ([]fleet.List, error) {
	lists := make([]fleet.List, len(j.part))
	for look := 1; ; look++ {
		begun := time.Now()
		err := each(ctx, j.part, func(ctx context.Context, i int, a *app) (err error) {
			lists[i], err = a.lists.now(ctx)
			return err
		})
		if err != nil || len(j.part) == 1 || time.Since(begun) <= freshness || look == repairs {
			return lists, err
		}
	}
}

// see takes lists as what is there now.
func (j *run) see(lists []fleet.List, begun time.Time) {
	j.lists, j.blind = lists, time.Time{}
	j.facts = rollout.Observe(j.goal, j.facts, lists, begun, time.Now())
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen = known{j.goal, j.facts}
}

// unlisted decides what a list that cannot be had means. A drain of days outlives
// an outage of hours. Before that, a release is undone after a minute, and given up
// after five more; both beside the minutes of flyctl's own tries.
func (j *run) unlisted(ctx context.Context, err error) (rollout.Decision, bool) {
	now := time.Now()
	draining := j.goal.Aim == rollout.DrainOnly || !j.facts.Over.IsZero()
	if j.blind.IsZero() {
		j.blind = now
	}
	if j.blind == now && !draining { // a drain says so itself
		j.tell(Event{Kind: EventWarning, Why: "the machines cannot be listed, and nothing is touched until they can: " + oneLine(err)})
	}
	d := rollout.Decision{Why: oneLine(err), Cause: err}
	switch lost := now.Sub(j.blind); {
	case j.facts.Apps == nil, lost >= time.Minute && draining && final(err), lost >= 5*time.Minute && !draining:
		j.cancelAll()
		j.lost = true
		if d.Done = rollout.Left; draining {
			d.Done = rollout.Draining
		} else if j.facts.Apps == nil {
			d.Done = rollout.Undone
		}
		return d, true
	case !draining && lost >= time.Minute && j.goal.Aim == rollout.Forward:
		j.goal, j.facts = rollout.Turn(j.goal, j.facts, d, now)
	}
	j.wait(ctx, quietLook, time.Time{})
	return d, false
}

// start begins commands. The drains of one app that begin together share their polls.
func (j *run) start(ctx context.Context, commands []fleet.Command) {
	drains := map[*app][]fleet.Command{}
	for _, c := range commands {
		a := j.appOf(c)
		if c.Verb == fleet.Drain {
			drains[a] = append(drains[a], c)
			continue
		}
		ctx, cancel := context.WithCancel(ctx)
		j.under[c] = cancel
		seen := known{j.goal, j.facts}
		go func() {
			defer cancel()
			id, err := j.execute(ctx, a, c, seen)
			j.ended <- ended{c, id, err}
		}()
	}
	for a, cs := range drains {
		ctx, cancel := context.WithCancel(ctx)
		for _, c := range cs {
			j.under[c] = cancel
		}
		if !j.facts.Over.IsZero() && j.goal.Bake > 0 {
			a.baked = j.facts.Over.Add(j.goal.Bake)
		}
		go func() {
			defer cancel()
			a.drain(ctx, cs, j.spared, func(c fleet.Command, err error) { j.ended <- ended{c, "", err} })
		}()
	}
}

// appOf returns the app that a command is about, nil for the whole release.
func (j *run) appOf(c fleet.Command) *app {
	i := slices.IndexFunc(j.part, func(a *app) bool { return a.Name == c.App })
	if i < 0 {
		return nil
	}
	return j.part[i]
}

// wait returns when a command has ended, after the pace, or at until.
func (j *run) wait(ctx context.Context, pace time.Duration, until time.Time) {
	if !until.IsZero() {
		if left := max(0, time.Until(until)); left < 2*pace { // a list just before would only put off the one that counts
			pace = left
		}
	}
	timer := time.NewTimer(max(pace, time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case e := <-j.ended:
		j.end(e)
	}
	for { // those that ended with it
		select {
		case e := <-j.ended:
			j.end(e)
			continue
		default:
		}
		return
	}
}

func (j *run) end(e ended) {
	delete(j.under, e.command)
	j.facts = rollout.End(j.goal, j.facts, e.command, e.id, e.err, time.Now())
	j.told.ended(j, e)
}

// cancelAll ends all commands, and returns when they have ended.
func (j *run) cancelAll() {
	for _, cancel := range j.under {
		cancel()
	}
	for len(j.under) > 0 {
		j.end(<-j.ended)
	}
}

// interrupted does what an interrupt leaves time for: what is half done is finished,
// and how that leaves things is looked at once more.
func (j *run) interrupted(ctx context.Context) (rollout.Decision, error) {
	j.cancelAll()
	cause := context.Cause(ctx)
	if j.facts.Apps == nil {
		return rollout.Decision{Done: rollout.Undone}, cause
	}
	err := j.finish(ctx)
	last, cancel := j.budget.outlive(ctx, endBy)
	defer cancel()
	begun := time.Now()
	lists, lost := j.observe(last)
	if lost == nil {
		j.see(lists, begun)
	}
	j.lost = lost != nil
	return rollout.Interrupted(j.goal, j.lists, j.facts, time.Now()), errors.Join(cause, err)
}

// finish runs the last commands of an interrupted run until two lists in a row ask
// for none: a machine whose creation was cut short can be late in the list.
func (j *run) finish(ctx context.Context) error {
	ctx, cancel := j.budget.outlive(ctx, repairFor)
	defer cancel()
	for quiet := 0; quiet < 2; {
		begun := time.Now()
		lists, err := j.observe(ctx)
		if err == nil {
			j.see(lists, begun)
		}
		commands, why := rollout.LastCommands(j.goal, j.lists, j.facts, time.Now())
		if len(commands) == 0 || ctx.Err() != nil {
			if quiet++; why != rollout.HoldGreen || sleep(ctx, j.ListEvery) != nil {
				return nil
			}
			continue
		}
		quiet = 0
		j.goal, j.facts = rollout.Begin(j.goal, j.facts, rollout.Decision{Run: commands}, time.Now())
		j.start(ctx, commands)
		var errs []error
		for len(j.under) > 0 {
			e := <-j.ended
			j.end(e)
			errs = append(errs, e.err)
		}
		if err := errors.Join(errs...); err != nil && ctx.Err() != nil {
			return newError(nil, "%s: %w", why, err)
		}
	}
	return nil
}

// spared says why a machine must not be destroyed now, by its app's newest list.
func (j *run) spared(a *app, l fleet.List, id string) string {
	j.mu.Lock()
	seen := j.seen
	j.mu.Unlock()
	return rollout.Spared(seen.goal, seen.facts, slices.Index(j.part, a), l, id)
}

// tell sends an event about all apps.
func (j *run) tell(e Event) { j.events.send(e) }

func (j *run) announce(err error) {
	text := j.report.String()
	if err != nil {
		text += ": " + oneLine(err)
	}
	j.tell(Event{Kind: EventOutcome, Result: j.report.Result, Why: text})
}

// each does something for apps side by side, and ends all when one fails.
func each(ctx context.Context, apps []*app, do func(ctx context.Context, i int, a *app) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for i, a := range apps {
		g.Go(func() error { return do(ctx, i, a) })
	}
	return g.Wait()
}
