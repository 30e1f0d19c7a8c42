package drain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// job is one run of a release: Deploy, Rollback, Resume, Drain or Plan.
type job struct {
	Release // resolved
	apps    []*appJob
	report  Report
	opened  time.Time // when green began to serve
	events  *listener
	budget  *interrupt
}

// appJob is one app's part in it.
type appJob struct {
	*app
	report *AppReport
	situation
	standing
	mark    mark
	making  *preparation
	green   fleet
	touched bool // a command to cordon its blue has been given
	denied  bool // its machines cannot be listed, and time does not mend that

	left   []string // cordoned, and still there
	served []string // after a failure: machines of green that serve beside blue, or may
	blind  bool     // no list could be read at the end
}

// newJob begins a run. Call end when it is over.
func (r Release) newJob(ctx context.Context) (j *job, end func(), err error) {
	r, err = r.resolved()
	if err != nil {
		return nil, nil, err
	}
	j = &job{Release: r, events: &listener{tell: r.Events}}
	j.budget, end = watchInterrupt(ctx)
	j.report.Apps = make([]AppReport, len(r.Apps))
	for i, a := range r.Apps {
		j.report.Apps[i] = AppReport{App: a.Name, Image: a.Image}
		j.apps = append(j.apps, &appJob{app: newApp(r, a, j.events, j.budget), report: &j.report.Apps[i]})
	}
	return j, end, nil
}

// run runs one operation and returns its report.
func (r Release) run(ctx context.Context, operation func(*job, context.Context) error) (Report, error) {
	j, end, err := r.newJob(ctx)
	if err != nil {
		return Report{Result: ResultUsage, Why: oneLine(err), Apps: []AppReport{}}, err
	}
	defer end()
	err = operation(j, ctx)
	j.finishReport(err)
	j.announce(err)
	return j.report, err
}

// phase runs a part of the release, and sends how long it took.
func (j *job) phase(ctx context.Context, name Phase, do func(context.Context) error) error {
	j.tell(Event{Kind: EventPhaseBegun, Phase: name})
	begun := time.Now()
	err := do(ctx)
	ended := Event{Kind: EventPhaseEnded, Phase: name, Took: time.Since(begun)}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
		ended.Why = oneLine(err)
	}
	j.tell(ended)
	return err
}

// tell sends an event about all apps.
func (j *job) tell(e Event) { j.events.send(e) }

func (j *job) announce(err error) {
	text := j.report.String()
	if err != nil {
		text += ": " + oneLine(err)
	}
	j.tell(Event{Kind: EventOutcome, Result: j.report.Result, Why: text})
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

// each does something for all apps side by side, and ends all when one fails.
func (j *job) each(ctx context.Context, do func(context.Context, *appJob) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, a := range j.apps {
		g.Go(func() error { return do(ctx, a) })
	}
	return g.Wait()
}
