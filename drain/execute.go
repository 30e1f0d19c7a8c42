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
	"github.com/flydrain/flydrain/drain/internal/safe"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// executeAll runs commands that flyctl runs as one. If it fails, each is run by itself: it
// may have been done for some of them.
func (j *run) executeAll(ctx context.Context, a *app, cs []fleet.Command, tell func(c fleet.Command, id string, err error)) {
	var others []string
	for _, c := range cs[1:] {
		others = append(others, c.Machine)
	}
	id, err := j.execute(ctx, a, cs[0], others...)
	if err == nil || len(cs) == 1 {
		for _, c := range cs {
			tell(c, id, err)
		}
		return
	}
	a.emit(Event{Kind: EventRetry, Why: safe.Line(err)})
	var alone sync.WaitGroup
	for _, c := range cs {
		alone.Go(func() {
			id, err := j.execute(ctx, a, c)
			tell(c, id, err)
		})
	}
	alone.Wait()
}

// execute runs one command, whose app is nil where it is about the whole release. A cordon
// or an uncordon can be of other machines too. It returns the machine that flyctl says it
// created.
func (j *run) execute(ctx context.Context, a *app, c fleet.Command, others ...string) (id string, err error) {
	ids := append([]string{c.Machine}, others...)
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
		if err = a.acting.Cordon(ctx, ids...); err == nil {
			a.turns.Note(true, ids...) // their drain doubts a list of the time before
		}
	case fleet.Uncordon:
		a.turns.Note(false, ids...)
		err = a.acting.Uncordon(ctx, ids...)
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
		Created:         j.lookSoon,

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
		green := standing.One(seen.goal, seen.facts, i, l).Kept().Rows()
		said, err := safe.Call(ctx, "Check", func() error { return j.Check(ctx, a.Name, green) })
		if err = cmp.Or(err, said); err != nil {
			return fmt.Errorf("%s: %w", a.Name, safe.Foreign(err))
		}
	}
	return nil
}
