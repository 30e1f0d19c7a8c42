package drain

import (
	"context"

	"github.com/flydrain/flydrain/drain/internal/safe"
)

// begin returns a run of the release, and its context. Call end when it is over.
func (r Release) begin(from context.Context) (j *run, ctx context.Context, end func(), err error) {
	if r, err = r.resolved(); err != nil {
		return nil, nil, nil, err
	}
	ctx, tell, raise := safe.Guard(from, "Events", r.Events)
	budget, stop := watchInterrupt(ctx)
	j = newRun(r, &listener{tell: tell}, budget)
	for _, of := range r.Apps {
		j.apps = append(j.apps, newApp(r, of, j.events, budget))
	}
	return j, ctx, func() { stop(); raise() }, nil
}

// run runs one operation and returns its report.
func (r Release) run(ctx context.Context, operation func(*run, context.Context) error) (Report, error) {
	j, ctx, end, err := r.begin(ctx)
	if err != nil {
		return Report{Result: ResultUsage, Why: safe.Line(err), Apps: []AppReport{}}, safe.Error(err)
	}
	defer end()
	err = operation(j, ctx)
	failed := err
	if j.report.Result == ResultFailed && j.failedIn != "" {
		failed = nil // that phase has ended with it, and the undoing went well
	}
	j.tellPhase("", failed)
	j.finishReport(err)
	safe.In(&j.report)
	text := j.report.String()
	if err != nil {
		text = safe.Line(err) + "; " + text
	}
	j.events.send(Event{Kind: EventOutcome, Result: j.report.Result, Why: text})
	return j.report, safe.Error(err)
}
