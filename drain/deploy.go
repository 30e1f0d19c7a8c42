package drain

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/intent"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// Deploy releases all apps: it creates green machines beside blue, checks them,
// changes all apps over together, and destroys each blue machine when it is idle.
// It first repairs what an earlier run left unfinished. The error is nil exactly
// when [Report.ExitCode] is 0.
//
// Until the cutover, a failure or the end of the context leaves blue as it was. A
// failure in the cutover uncordons blue before it cordons green. Once all of blue
// is cordoned the release stands, and this or a later run drains what is left.
func (r Release) Deploy(ctx context.Context) (Report, error) { return r.run(ctx, (*run).deploy) }

func (j *run) deploy(ctx context.Context) error {
	defer j.counts.Wait()
	g, err := j.prepare(ctx)
	if err != nil {
		as := rollout.Undone
		if j.halfway == rollout.Left {
			as = rollout.Left // of the release that was to be repaired
		}
		j.report.finished = j.halfway == rollout.Draining || j.halfway == rollout.Reached
		return j.conclude(rollout.Decision{Done: as}, err)
	}
	return j.conclude(j.reach(ctx, j.apps, g))
}

// prepare looks at all apps, repairs what an earlier run left of them, and returns
// the goal of a new release. A flyctl that outlived that run can still create a
// machine, so the list that the release goes by must show nothing more to repair.
func (j *run) prepare(ctx context.Context) (facts.Goal, error) {
	j.tellPhase(PhaseCheck, nil)
	for range repairs {
		begun := time.Now()
		read := make(chan error, 1)
		go func() { read <- j.readConfigs(ctx) }()
		unfinished, err := j.intend(ctx, true)
		if err = cmp.Or(err, <-read); err != nil {
			return facts.Goal{}, err
		}
		stuck, err := j.repair(ctx, unfinished, true)
		if err != nil {
			return facts.Goal{}, err
		}
		if len(unfinished) > 0 {
			begun = time.Now()
			j.tellPhase(PhaseCheck, nil)
		}
		g, lists, err := j.newGoal(ctx, begun, "")
		if err != nil {
			return g, err
		}
		if !stuck && slices.ContainsFunc(intent.Of(g.Apps, lists, true), func(in intent.Intention) bool { return !in.Rest }) {
			continue
		}
		for i, a := range j.apps {
			blue := lists[i].Uncordoned()
			for _, m := range blue {
				a.emitMachine(EventFound, m)
			}
			j.counts.Go(func() { a.examineCounts(ctx, blue) })
		}
		return g, nil
	}
	return facts.Goal{}, newError(ErrChanged, "another run is releasing this app: wait for it to finish, or stop it")
}

// newGoal is the goal of a new release of all apps, by lists not older than since and by
// the fly.toml that was read. An image takes the place of the app's.
func (j *run) newGoal(ctx context.Context, since time.Time, image string) (facts.Goal, []fleet.List, error) {
	g := facts.Goal{Aim: facts.Forward, Check: j.Check != nil, Background: j.Background, Bake: j.Bake, Spread: j.Propagation,
		Apps: make([]facts.App, len(j.apps))}
	lists, finish := make([]fleet.List, len(j.apps)), j.again(opDrain) // the user's function is called here, where it may panic
	err := each(ctx, j.apps, func(ctx context.Context, i int, a *app) (err error) {
		if g.Apps[i], lists[i], err = a.examine(ctx, since, image); err != nil {
			return err
		}
		if n := len(standing.Replaced(lists[i])); j.MaxDraining > 0 && n > j.MaxDraining {
			return a.refuse("", "%s: %d machines still drain from earlier releases, and at most %d may (MaxDraining, -max-draining): wait, or finish their drains", a.Name, n, j.MaxDraining).mend(finish)
		}
		return nil
	})
	if err != nil {
		return g, nil, err
	}
	j.report.Release = fleet.NewID(time.Now(), lists...)
	for i, a := range j.apps {
		g.Apps[i].ID = j.report.Release
		a.mark = fleet.NewMark(j.report.Release, j.names(), g.Apps[i].Size, lists[i].Managed().Uncordoned().Newest().ID)
		if _, ok := fleet.ParseMark(a.mark.String()); !ok {
			return g, nil, a.refuse("", "%s: %q is not a valid mark: one of its machines has an impossible creation time", a.Name, a.mark)
		}
	}
	return g, lists, nil
}
