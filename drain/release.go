package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// ErrChanged says that somebody else changed an app while a release was at work.
var ErrChanged = errors.New("changed by somebody else")

// Release takes one app from blue to green, or several as one: each phase ends
// for all of them before the next begins, so that a set of services changes over
// together or not at all. Its methods may be used one after another, not at once.
type Release struct {
	Apps []*App

	// Propagation is how long after a change of routing it is taken for known
	// everywhere. Default 10s, as flyctl's own bluegreen waits; negative: none.
	Propagation time.Duration

	// Bake is how long blue is kept whole after the cutover, so that Rollback finds it.
	Bake time.Duration

	// Background lets Deploy return after the cutover. A later Drain goes on.
	Background bool

	// Check, where set, is asked after green of all apps is healthy and before it
	// takes traffic. An error is a failed gate.
	Check func(ctx context.Context, green map[string][]flyctl.Machine) error

	// Events, where set, is told of all that happens, one event at a time, in
	// place of what the apps have. Where it is nil, each app's own listener is
	// told of that app, and of the phases.
	Events func(Event)

	// MaxDraining refuses a new release while more machines than that still
	// drain from earlier ones. 0: no limit.
	MaxDraining int
}

// propagation is the default of [Release.Propagation].
const propagation = 10 * time.Second

func (r *Release) propagation() time.Duration { return orDefault(r.Propagation, propagation) }

// job is one release, or another of Release's methods, at work.
type job struct {
	*Release
	apps   []*appJob
	report Report
	open   time.Time // when green began to take traffic

	emitting sync.Mutex
}

// appJob is one app's part in it.
type appJob struct {
	*App
	events func(Event)   // the App's own, as it was handed in
	settle time.Duration // as well
	report *AppReport
	situation
	standing
	mark    mark
	making  *preparation
	green   fleet
	touched bool // a command to cordon its blue has been given
	denied  bool // its machines cannot be listed, and time does not mend that
}

// validate looks at what can be known to be wrong before anything is run.
func (r *Release) validate() error {
	if len(r.Apps) == 0 {
		return fmt.Errorf("%w: a release without apps", flyctl.ErrUsage)
	}
	for i, a := range r.Apps {
		if err := flyctl.ValidateApp(a.Name); err != nil {
			return err
		}
		if a.Image != "" {
			if err := flyctl.ValidateImage(a.Image); err != nil {
				return err
			}
		}
		if err := flyctl.ValidateArgs(a.Args); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Apps[:i], func(b *App) bool { return a.Name == b.Name }) {
			return fmt.Errorf("%w: app %s is named twice", flyctl.ErrUsage, a.Name)
		}
	}
	return nil
}

// job begins one. Until its end, the apps are set as the release wants them.
func (r *Release) job() (*job, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	j := &job{Release: r}
	j.report.Apps = make([]AppReport, len(r.Apps))
	for i, a := range r.Apps {
		j.report.Apps[i] = AppReport{App: a.Name, Image: a.Image}
		j.apps = append(j.apps, &appJob{App: a, events: a.Events, settle: a.Settle, report: &j.report.Apps[i]})
		if r.Events != nil {
			a.Events = j.emit
		}
		if a.Settle == 0 && j.propagation() > settleTime {
			a.Settle = j.propagation() // until then, proxies may send it connections
		}
	}
	return j, nil
}

// end gives the apps back as they were handed in.
func (j *job) end() {
	for _, a := range j.apps {
		a.Events, a.Settle = a.events, a.settle
	}
}

// Deploy takes all apps from blue to green. What an earlier run left undone is
// put right first. The error is nil only where the report's result is Done.
//
// Before the cutover a failure, or the end of the context, leaves blue as it was.
// In the cutover, a failure takes blue back in and green out. Once all of blue is
// cordoned, the release stands, and what is left is drained by this or a later run.
func (r *Release) Deploy(ctx context.Context) (Report, error) {
	j, err := r.job()
	if err != nil {
		return Report{Result: Failed}, err
	}
	defer j.end()
	err = j.deploy(ctx)
	j.announce(err)
	return j.report, err
}

func (j *job) deploy(ctx context.Context) error {
	for _, step := range []struct {
		phase Phase
		do    func(context.Context) error
	}{{PhaseCheck, j.check}, {PhaseBuild, j.build}, {PhasePrepare, j.prepare}, {PhaseGate, j.gate}} {
		if err := j.phase(ctx, step.phase, step.do); err != nil {
			result, undoErr := j.abandon(ctx)
			err = errors.Join(err, undoErr)
			j.report.conclude(result, err)
			return err
		}
	}
	if err := j.phase(ctx, PhaseCutover, j.cutover); err != nil {
		return j.undoCutover(ctx, err)
	}
	if j.Background {
		j.leave(ctx)
		j.report.conclude(Done, nil)
		return nil
	}
	err := j.phase(ctx, PhaseDrain, j.drainBlue)
	j.concludeDrain(ctx, err)
	return err
}

// check looks at all apps, and puts right what an earlier run left of them. A
// flyctl that outlived that run can still make a machine, so the list that the
// release goes by must show nothing more to put right.
func (j *job) check(ctx context.Context) error {
	for range makeTries {
		begun := time.Now()
		changed, err := j.settle(ctx)
		if err != nil {
			return err
		}
		if changed {
			begun = time.Now()
		}
		if err := j.checkAll(ctx, begun); err != nil {
			return err
		}
		if !slices.ContainsFunc(j.apps, func(a *appJob) bool { return a.seen.standing().unsettled() }) {
			for _, a := range j.apps {
				for _, m := range a.situation.blue {
					a.emitMachine(Found, m)
				}
			}
			return nil
		}
	}
	return fmt.Errorf("%w: another release is at work", ErrChanged)
}

// checkAll looks whether the release can begin, by lists not older than since.
func (j *job) checkAll(ctx context.Context, since time.Time) error {
	if err := j.each(ctx, func(ctx context.Context, a *appJob) (err error) {
		if a.situation, err = a.App.check(ctx, since); err != nil {
			return err
		}
		a.report.Blue = a.situation.blue.ids()
		if n := len(a.drains); j.MaxDraining > 0 && n > j.MaxDraining {
			return refuse("%s: %d machines still drain from earlier releases, and %d are allowed: wait, or run with -drain", a.Name, n, j.MaxDraining)
		}
		return nil
	}); err != nil {
		return err
	}
	var fleets []fleet
	for _, a := range j.apps {
		fleets = append(fleets, a.situation.blue, a.drains)
	}
	id := newMarkID(time.Now(), fleets...)
	j.report.Release = id
	for _, a := range j.apps {
		a.mark = a.newMark(id, len(j.apps))
	}
	return nil
}

func (j *job) build(ctx context.Context) error {
	return j.each(ctx, func(ctx context.Context, a *appJob) (err error) {
		if a.report.Image == "" {
			a.report.Image, err = a.App.Build(ctx)
		}
		return errors.Join(err, ctx.Err())
	})
}

func (j *job) prepare(ctx context.Context) error {
	return j.each(ctx, func(ctx context.Context, a *appJob) (err error) {
		a.making = a.preparation(a.situation, a.mark, a.report.Image)
		a.making.propagation = j.propagation()
		if a.green, err = a.making.run(ctx); err != nil {
			return err
		}
		a.report.Green = a.green.ids()
		return nil
	})
}

func (j *job) gate(ctx context.Context) error {
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		if err := a.awaitHealthy(ctx, a.report.Green, a.making); err != nil {
			return err
		}
		a.making.drop(ctx, a.making.surplus) // what may have taken traffic drains with blue
		return nil
	}); err != nil {
		return err
	}
	if j.Check == nil {
		return nil
	}
	green := map[string][]flyctl.Machine{}
	for _, a := range j.apps {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		green[a.Name] = f.pick(a.report.Green)
	}
	if err := j.Check(ctx, green); err != nil {
		return fmt.Errorf("%w: the release's own check: %w", ErrNotHealthy, err)
	}
	return nil
}

// abandon takes green out before blue was touched, and tells how that leaves things.
func (j *job) abandon(ctx context.Context) (Result, error) {
	err := j.all(ctx, func(ctx context.Context, a *appJob) error {
		if a.making == nil {
			if len(a.report.Green) > 0 {
				return a.closeAgain(ctx)
			}
			return nil
		}
		left, err := a.making.withdraw(ctx)
		if err == nil && ctx.Err() == nil {
			left, err = a.drainGreen(ctx, left)
		}
		a.report.Left, a.report.Open = left.cordoned().ids(), left.open().ids()
		if err != nil {
			a.report.Open, a.report.Blind = a.making.maybeOpen(), true
			a.report.Left = slices.DeleteFunc(left.ids(), func(id string) bool { return slices.Contains(a.report.Open, id) })
		}
		return err
	})
	if err != nil || len(j.report.left(AppReport.remains)) > 0 {
		return Left, err
	}
	return Failed, nil
}

// drainGreen waits for green that may have taken traffic, for as long as green
// may take to be healthy, and gives what is left.
func (a *appJob) drainGreen(ctx context.Context, green fleet) (fleet, error) {
	bounded, cancel := context.WithTimeout(ctx, a.healthTimeout())
	defer cancel()
	if err := a.drain(bounded, green.cordoned()); err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrNotIdle) {
		a.warn(err.Error())
	}
	ctx, cancel = grace(ctx, lookFor)
	defer cancel()
	f, err := a.list(ctx)
	if err != nil {
		return green, err
	}
	return f.managed().pick(green.ids()), nil
}

// phase runs a part of the release, and tells how long it took.
func (j *job) phase(ctx context.Context, name Phase, do func(context.Context) error) error {
	j.tell(Event{Kind: PhaseBegun, Phase: name})
	begun := time.Now()
	err := do(ctx)
	took := time.Since(begun)
	j.report.Phases = append(j.report.Phases, PhaseReport{name, took})
	ended := Event{Kind: PhaseEnded, Phase: name, Took: took}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
		ended.Text = oneLine(err)
	}
	j.tell(ended)
	return err
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// emit sends the events of all apps as one stream.
func (j *job) emit(e Event) {
	j.emitting.Lock()
	defer j.emitting.Unlock()
	j.Events(e)
}

// tell sends an event about all apps.
func (j *job) tell(e Event) {
	if j.Events != nil {
		e.Time = time.Now()
		j.emit(e)
		return
	}
	for _, a := range j.apps {
		a.emit(e)
	}
}

func (j *job) announce(err error) {
	text := j.report.Summary()
	if err != nil {
		text += ": " + oneLine(err)
	}
	j.tell(Event{Kind: Outcome, Result: j.report.Result, Text: text})
}

// all does something for all apps side by side, whichever fails.
func (j *job) all(ctx context.Context, do func(context.Context, *appJob) error) error {
	errs := make([]error, len(j.apps))
	var wg sync.WaitGroup
	for i, a := range j.apps {
		wg.Go(func() { errs[i] = do(ctx, a) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// each does something for all apps side by side, and gives up on all when one fails.
func (j *job) each(ctx context.Context, do func(context.Context, *appJob) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, a := range j.apps {
		g.Go(func() error { return do(ctx, a) })
	}
	return g.Wait()
}
