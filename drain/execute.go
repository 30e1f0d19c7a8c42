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
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// execute runs one command, whose app is nil where it is about the whole release.
// It returns the machine that flyctl says it created.
func (j *run) execute(ctx context.Context, a *app, c fleet.Command, seen known) (id string, err error) {
	switch c.Verb {
	case fleet.Build:
		a.image, err = a.build(ctx)
	case fleet.Deploy:
		err = a.acting.Deploy(ctx, a.deployOptions(seen, c))
	case fleet.Clone:
		id, err = a.acting.Clone(ctx, c.Machine, cloneOptions(c))
		if err != nil && ctx.Err() == nil {
			a.warn(fmt.Sprintf("a clone of %s into %s failed: %v", c.Machine, c.Slot.Region, err))
		}
	case fleet.Start:
		a.emitMachine(EventStarted, j.row(a, c.Machine))
		err = a.acting.Start(ctx, c.Machine)
	case fleet.Cordon, fleet.Uncordon:
		ctx, cancel := context.WithTimeout(ctx, cordonFor)
		defer cancel()
		if c.Verb == fleet.Uncordon {
			a.cordonedAt.Delete(c.Machine)
			err = a.acting.Uncordon(ctx, c.Machine)
		} else if err = a.acting.Cordon(ctx, c.Machine); err == nil {
			a.cordonedAt.Store(c.Machine, time.Now()) // its drain doubts a list of the time before
		}
	case fleet.Destroy:
		if err = a.destroy(ctx, c.Machine, nil); err == nil {
			a.noteDestroyed(verdict{id: c.Machine})
		}
	case fleet.Check:
		err = j.check(ctx, seen)
	case fleet.Record:
		ctx, cancel := context.WithTimeout(ctx, recordFor)
		defer cancel()
		err = a.acting.Deploy(ctx, flyctl.DeployOptions{Image: a.image, UpdateOnly: true, OnlyNewMachines: true, SkipReleaseCommand: true, Detach: true})
	}
	return id, err
}

// deployOptions are those of a deploy that creates the first machines of groups.
func (a *app) deployOptions(seen known, c fleet.Command) flyctl.DeployOptions {
	before := seen.of(a).Before
	opts := flyctl.DeployOptions{
		Image:           a.image,
		ExcludeMachines: slices.Concat(before.Blue, before.Others),
		OnlyNewMachines: true, // also those that somebody creates meanwhile
		Env:             []string{fleet.MarkEnv + "=" + a.mark.String()},
		Guest:           a.guest,
		WaitTimeout:     "none", // else flyctl leases what it creates, and it cannot be held
		Detach:          true,
		Extra:           a.Args,
	}
	if c.Groups != "" {
		opts.Groups, opts.SkipReleaseCommand = strings.Split(c.Groups, ","), true // its other groups exist, so its release command has run
	}
	if a.config.Deploy.Strategy == "canary" {
		opts.Strategy = "rolling" // a canary would be a machine too many
	}
	return opts
}

func cloneOptions(c fleet.Command) flyctl.CloneOptions {
	opts := flyctl.CloneOptions{Region: c.Slot.Region, Guest: c.Slot.Guest}
	if c.Slot.Standby {
		opts.StandbyFor = []string{c.Stands}
	}
	return opts
}

// check asks the release's own Check about each app.
func (j *run) check(ctx context.Context, seen known) error {
	ctx, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	for _, a := range j.part {
		l, err := a.list(ctx)
		if err != nil {
			return err
		}
		kept, _ := rollout.Green(seen.goal, seen.facts, slices.Index(j.part, a), l)
		if err := j.Check(ctx, a.Name, kept.Rows()); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

// drain waits for each machine to be idle, and destroys it then. It tells how each
// command has ended.
func (a *app) drain(ctx context.Context, commands []fleet.Command, spared func(*app, fleet.List, string) string, tell func(fleet.Command, error)) {
	of := map[string]fleet.Command{}
	var ids []string
	for _, c := range commands {
		of[c.Machine] = c
		ids = append(ids, c.Machine)
	}
	var mu sync.Mutex
	end := func(id string, err error) {
		mu.Lock()
		c, open := of[id]
		delete(of, id)
		mu.Unlock()
		if open {
			tell(c, err)
		}
	}
	var leaving sync.WaitGroup
	slots := make(chan struct{}, sideBySide)
	err := a.awaitIdle(ctx, these(ids...), func() error { return context.Cause(ctx) }, func(v verdict) {
		if !v.idle {
			leaving.Go(func() { end(v.id, v.err) })
			return
		}
		leaving.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			end(v.id, a.destroyIdle(ctx, v, spared))
		})
	})
	leaving.Wait()
	for _, id := range ids { // what it does not wait for any more
		end(id, cmp.Or(err, context.Canceled))
	}
}

// destroyIdle destroys an idle machine, again and again where a fault may pass, if
// it is idle then.
func (a *app) destroyIdle(ctx context.Context, v verdict, spared func(*app, fleet.List, string) string) error {
	for begun := time.Now(); ; {
		err := a.destroy(ctx, v.id, func(l fleet.List, id string) string { return spared(a, l, id) })
		if err == nil {
			a.noteDestroyed(v)
			return nil
		}
		passes := slices.ContainsFunc([]error{flyctl.ErrTransient, flyctl.ErrRateLimited, flyctl.ErrLeaseHeld, flyctl.ErrMachineState}, func(kind error) bool { return errors.Is(err, kind) })
		if !passes || time.Since(begun) > outage || ctx.Err() != nil {
			return err
		}
		a.warn(fmt.Sprintf("machine %s is idle, and could not be destroyed; trying again: %v", v.id, err))
		if err := sleep(ctx, tryAgain); err != nil {
			return err
		}
		if v.cut > 0 || v.uncounted {
			continue // its deadline is over
		}
		if err := a.awaitIdle(ctx, these(v.id), func() error { return context.Cause(ctx) }, func(again verdict) { v = again }); err != nil || !v.idle {
			return errors.Join(err, v.err)
		}
	}
}

// noteDestroyed notes a machine for the report, and what its end has cut.
func (a *app) noteDestroyed(v verdict) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.destroyed = append(a.destroyed, v.id)
	a.cut += v.cut
	if v.uncounted {
		a.cutUnknown = append(a.cutUnknown, v.id)
	}
}
