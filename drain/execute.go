package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/idle"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// execute runs one command, whose app is nil where it is about the whole release.
// It returns the machine that flyctl says it created.
func (j *run) execute(ctx context.Context, a *app, c fleet.Command) (id string, err error) {
	limit, limited := map[fleet.Verb]time.Duration{fleet.Cordon: cordonFor, fleet.Uncordon: cordonFor, fleet.Rest: cordonFor, fleet.Check: checkFor, fleet.Record: recordFor}[c.Verb]
	if limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	switch c.Verb {
	case fleet.Build:
		a.image, err = a.build(ctx)
	case fleet.Release:
		err = a.runReleaseCommand(ctx)
	case fleet.Deploy:
		err = a.acting.Deploy(ctx, j.deployOptions(a, c))
	case fleet.Clone:
		opts := flyctl.CloneOptions{Region: c.Slot.Region, Guest: c.Slot.Guest}
		if c.Slot.Standby {
			opts.StandbyFor = []string{c.Stands}
		}
		id, err = a.acting.Clone(ctx, c.Machine, opts)
		if err != nil && ctx.Err() == nil {
			a.warn(fmt.Sprintf("a clone of %s into %s failed: %v", c.Machine, c.Slot.Region, err))
		}
	case fleet.Start:
		a.emitMachine(EventStarted, a.lists.Row(c.Machine))
		err = a.acting.Start(ctx, c.Machine)
	case fleet.Rest:
		if err = a.acting.Cordon(ctx, c.Machine); err != nil {
			break
		}
		err = a.acting.Stop(ctx, c.Machine, flyctl.StopOptions{StopConfig: a.lists.Row(c.Machine).Config.StopConfig})
	case fleet.Cordon:
		if err = a.acting.Cordon(ctx, c.Machine); err == nil {
			a.noteTurned(c.Machine, true) // its drain doubts a list of the time before
		}
	case fleet.Uncordon:
		a.noteTurned(c.Machine, false)
		err = a.acting.Uncordon(ctx, c.Machine)
	case fleet.Destroy:
		if err = a.destroy(ctx, c.Machine, false, nil); err == nil {
			a.noteDestroyed(c.Machine, idle.News{})
		}
	case fleet.Check:
		err = j.check(ctx)
	case fleet.Record:
		err = a.acting.Deploy(ctx, flyctl.DeployOptions{Image: a.image, UpdateOnly: true, OnlyNewMachines: true, SkipReleaseCommand: true, Detach: true})
	}
	return id, err
}

// deployOptions are those of a deploy that creates the first machines of groups.
func (j *run) deployOptions(a *app, c fleet.Command) flyctl.DeployOptions {
	seen, i := j.latest(a)
	before := seen.goal.Apps[i].Before
	opts := flyctl.DeployOptions{
		Image:           a.image,
		ExcludeMachines: slices.Concat(before.Blue, before.Others),
		OnlyNewMachines: true, // also those that somebody creates meanwhile
		Env:             []string{fleet.MarkEnv + "=" + a.mark.String()},
		Guest:           c.Slot.Guest,
		WaitTimeout:     "none", // else flyctl leases what it creates, and it cannot be held
		Detach:          true,
		Extra:           a.Args,
		Groups:          a.Groups,

		SkipReleaseCommand: a.config.Deploy.ReleaseCommand != "", // it has run
	}
	if c.Groups != "" {
		opts.Groups = strings.Split(c.Groups, ",")
	}
	if a.config.Deploy.Strategy == "canary" {
		opts.Strategy = "rolling" // a canary would be a machine too many
	}
	return opts
}

// runReleaseCommand runs it by itself, without a mark and with fly.toml's own waits: a
// deploy that creates green waits for no machine. An error may pass only where the
// command has not begun.
func (a *app) runReleaseCommand(ctx context.Context) error {
	err := a.acting.Deploy(ctx, flyctl.DeployOptions{Image: a.image, UpdateOnly: true, OnlyNewMachines: true, Strategy: "rolling", Detach: true, Extra: a.Args})
	if e := (*flyctl.Error)(nil); errors.As(err, &e) && strings.Contains(e.Stderr, "release_command") {
		return a.fault("", nil, "%v", err)
	}
	return err
}

// check asks the release's own Check about each app.
func (j *run) check(ctx context.Context) error {
	for _, a := range j.part {
		l, err := a.list(ctx)
		if err != nil {
			return err
		}
		seen, i := j.latest(a)
		kept, _ := rollout.Green(seen.goal, seen.facts, i, l)
		if err := j.Check(ctx, a.Name, kept.Rows()); err != nil {
			return fmt.Errorf("%s: %w", a.Name, foreign(err))
		}
	}
	return nil
}

// drainIdle waits until each machine is idle, and destroys it then. It reports how that
// ended for each.
func (j *run) drainIdle(ctx context.Context, a *app, ids []string, tell func(id string, err error)) {
	var taken sync.Map // what is not waited for any more
	var leaving sync.WaitGroup
	slots := make(chan struct{}, sideBySide)
	err := a.awaitIdle(ctx, these(ids...), ctx.Err, func(n idle.News, err error) {
		if _, before := taken.LoadOrStore(n.Row.ID, true); before {
			return
		}
		leaving.Go(func() {
			if goes(n) {
				err = j.keepWorker(ctx, a, n.Row.ID)
			}
			if goes(n) && err == nil {
				slots <- struct{}{}
				defer func() { <-slots }()
				err = j.destroyIdle(ctx, a, n)
			}
			tell(n.Row.ID, err)
		})
	})
	for _, id := range ids { // before a worker is waited for, which may wait for these
		if _, before := taken.LoadOrStore(id, true); !before {
			tell(id, cmp.Or(err, context.Canceled))
		}
	}
	leaving.Wait()
}

// destroyIdle destroys a machine if it is idle. After a fault that may pass it tries
// again.
func (j *run) destroyIdle(ctx context.Context, a *app, n idle.News) error {
	id := n.Row.ID
	for begun := time.Now(); ; {
		err := a.destroy(ctx, id, n.Verdict == idle.Stop, j.spared(a, id))
		if err == nil {
			a.noteDestroyed(id, n)
			return nil
		}
		if !rollout.Passes(err) || time.Since(begun) > outage || ctx.Err() != nil {
			return err
		}
		a.warn(fmt.Sprintf("machine %s is idle but could not be destroyed; trying again: %v", id, err))
		if err := sleep(ctx, tryAgain); err != nil {
			return err
		}
		if n.Verdict == idle.Stop {
			continue // its deadline is over
		}
		var kept error
		if err := a.awaitIdle(ctx, these(id), ctx.Err, func(again idle.News, err error) { n, kept = again, err }); err != nil || !goes(n) {
			return errors.Join(err, kept)
		}
	}
}

// spared says why a machine must not be stopped now, by a new list.
func (j *run) spared(a *app, id string) func(fleet.List) string {
	return func(l fleet.List) string {
		seen, i := j.latest(a)
		return rollout.Spared(seen.goal, seen.facts, i, l, id)
	}
}

// keepWorker stops an idle worker, and returns when the last machine of its release
// is gone: until then a rollback may start it again.
func (j *run) keepWorker(ctx context.Context, a *app, id string) error {
	for stopped := false; ; {
		seen, i := j.latest(a)
		stays, left := rollout.WorkerStays(seen.goal, seen.facts, i, a.lists.Latest(), id)
		pause := a.release.ListEvery
		switch {
		case !stays:
			return nil
		case !stopped:
			_, err := a.stop(ctx, id, false, j.spared(a, id))
			if err != nil && left {
				return err
			}
			if stopped = err == nil; !stopped {
				pause = tryAgain
			}
		case left:
			return a.fault(id, ErrNotIdle, "worker %s of %s is stopped, and kept as long as machines of its release are", id, a.Name)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// noteDestroyed notes a machine for the report, and the connections that its end cut.
func (a *app) noteDestroyed(id string, n idle.News) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.destroyed = append(a.destroyed, id)
	if n.Verdict != idle.Stop {
		return
	}
	count, known := n.Reading.Connections()
	if a.cut += count; !known {
		a.cutUnknown = append(a.cutUnknown, id)
	}
}
