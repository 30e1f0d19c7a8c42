package drain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Resume repairs what a run that died left behind, and then drains: superseded
// machines, as Drain does, and green machines of releases that were taken back.
// flydrain stores nothing. What there is to do is read from the machine list, so
// Resume works after a death anywhere, and doing it again changes nothing. All apps
// that were released together must be given. What looks like half a cutover it
// leaves alone until nothing has changed for 40 s: another run may be at work.
func (r Release) Resume(ctx context.Context) (Report, error) { return r.run(ctx, (*job).resume) }

func (j *job) resume(ctx context.Context) error {
	for try := 1; ; try++ {
		if err := j.phase(ctx, PhaseCheck, j.putRight); err != nil {
			if j.notBegun() {
				return err
			}
			j.leave(ctx)
			j.report.conclude(ResultLeft, err)
			return err
		}
		err := j.phase(ctx, PhaseDrain, func(ctx context.Context) error {
			return j.drainAll(ctx, func(a *appJob, f fleet) fleet { return append(f.superseded(), f.abandoned(a.standing.mark)...) })
		})
		if err == nil {
			err = j.stand(ctx)
		}
		if err == nil && len(j.unfinished()) > 0 { // somebody has changed something meanwhile
			if try < makeTries {
				continue
			}
			err = newError(ErrChanged, "another release is at work")
		}
		j.concludeDrain(ctx, err)
		return err
	}
}

// putRight settles, and says where that does not bring all apps to rest.
func (j *job) putRight(ctx context.Context) error {
	if _, err := j.settle(ctx); err != nil {
		return err
	}
	if err := j.stand(ctx); err != nil {
		return err
	}
	// Green that is held may be on its way into traffic.
	if err := j.steady(ctx, func() bool {
		return slices.ContainsFunc(j.apps, func(a *appJob) bool { return len(a.standing.green) > 0 && len(a.standing.green.open()) == 0 })
	}); err != nil {
		return err
	}
	for _, a := range j.apps {
		if a.mixed() {
			return person("%s: release %s and the one before it both serve, and neither has enough machines alone: deploy again", a.Name, a.standing.mark.id).
				about(a.Name, "").mend("deploy -app " + a.Name)
		}
	}
	return nil
}

// settle puts right which machines take traffic, by cordons only: a drain of
// hours must not hold up a fix. It reports whether there was anything to do.
func (j *job) settle(ctx context.Context) (changed bool, err error) {
	if err := j.stand(ctx); err != nil {
		return false, err
	}
	for _, part := range j.unfinished() {
		if err := part.complete(len(j.apps)); err != nil {
			return false, err
		}
	}
	if err := j.steady(ctx, func() bool { return len(j.unfinished()) > 0 }); err != nil {
		return false, err
	}
	for _, a := range j.apps {
		if a.at == dark {
			return false, person("%s: no machine serves, and flydrain cannot tell which release should: uncordon the machines of one", a.Name).
				about(a.Name, "").mend(uncordonCommands(a.Name, append(a.standing.green, a.standing.blue...))...)
		}
	}
	if changed, err = j.takeOutLate(ctx); err != nil {
		return changed, err
	}
	for _, part := range j.unfinished() {
		if err := part.complete(len(j.apps)); err != nil {
			return changed, err
		}
		changed = true
		if err := part.settleTogether(ctx); err != nil {
			return true, err
		}
	}
	return changed, nil
}

// steady waits for as long as a release looks half done, until nothing has moved
// for longer than one that is alive leaves things as they are in its cutover: it
// may be another run's, that is at work.
func (j *job) steady(ctx context.Context, halfDone func() bool) error {
	if !halfDone() {
		return nil
	}
	quiet := max(quietFor, j.Propagation+quietMore)
	j.tell(Event{Kind: EventWarning, Why: fmt.Sprintf("found a release half done, perhaps by another run that is at work: repairing it when nothing has changed for %v", quiet)})
	var was string
	since := time.Now()
	for begun := since; ; {
		if now := j.picture(); now != was {
			was, since = now, time.Now()
		}
		if !halfDone() || time.Since(since) >= quiet {
			return nil
		}
		if time.Since(begun) > 5*quiet {
			return newError(ErrChanged, "another run keeps changing these apps: wait for it to finish, or stop it")
		}
		if err := sleep(ctx, quietLook); err != nil {
			return err
		}
		if err := j.stand(ctx); err != nil {
			return err
		}
	}
}

// picture is how all apps stand.
func (j *job) picture() string {
	text := ""
	for _, a := range j.apps {
		s := a.standing
		text += fmt.Sprintln(a.Name, s.mark, s.blue.open().ids(), s.closed().ids())
		for _, m := range s.green {
			text += fmt.Sprintln(m.ID, m.State, m.Healthy(), m.Cordoned)
		}
	}
	return text
}

// takeOutLate takes what came late of earlier releases out of traffic.
func (j *job) takeOutLate(ctx context.Context) (changed bool, err error) {
	for _, a := range j.apps {
		changed = changed || len(a.late.open()) > 0
	}
	return changed, j.each(ctx, func(ctx context.Context, a *appJob) error { return a.cordonChecked(ctx, a.late.open().ids()) })
}

// stand looks how far each app has come.
func (j *job) stand(ctx context.Context) error {
	return j.each(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		a.standing, a.denied = f.standing(), final(err)
		return err
	})
}

// unfinished gives the apps by release, for the releases that are to be put right.
func (j *job) unfinished() []*job {
	var parts []*job
	for _, a := range j.apps {
		id := a.standing.mark.id
		if id == "" || slices.ContainsFunc(parts, func(p *job) bool { return p.apps[0].standing.mark.id == id }) {
			continue
		}
		part := &job{Release: j.Release, events: j.events, budget: j.budget}
		todo := false
		for _, b := range j.apps {
			if b.standing.mark.id == id {
				part.apps = append(part.apps, b)
				todo = todo || b.unsettled()
			}
		}
		if todo {
			parts = append(parts, part)
		}
	}
	return parts
}

// complete refuses to decide for a part of the apps that were released
// together. An app of which there is no green may have been one of them: the
// release died before it was made, or has been taken back since. But when one had
// begun to cordon its blue, all of them had their green.
func (j *job) complete(given int) error {
	mk := j.apps[0].standing.mark
	if given >= mk.apps && (!j.forward() || len(j.apps) >= mk.apps) {
		return nil
	}
	return refuse("release %s covers %d apps and is unfinished, but only %d were given: pass all of them", mk.id, mk.apps, min(given, len(j.apps)))
}

// forward reports whether a release is to be finished, and not taken back.
func (j *job) forward() bool {
	return slices.ContainsFunc(j.apps, func(a *appJob) bool { return a.at == drains || a.at == cutting })
}

// settleTogether decides for all apps of one release: forward when one of them
// had begun to cordon its blue, else back.
func (j *job) settleTogether(ctx context.Context) error {
	if !j.forward() {
		return j.goBack(ctx)
	}
	err := j.finish(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	j.tell(Event{Kind: EventWarning, Why: fmt.Sprintf("the release that was found half done cannot be finished; taking it back: %v", err)})
	if err := j.stand(ctx); err != nil {
		return err
	}
	return j.goBack(ctx)
}

// finish cordons the rest of blue, when all of green is still well.
func (j *job) finish(ctx context.Context) error {
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		if a.at == drains || a.at == atRest {
			return nil
		}
		if open := a.standing.green.open(); len(open) < a.standing.mark.machines {
			return newError(ErrNotHealthy, "%s: %d of %d green machines are uncordoned", a.Name, len(open), a.standing.mark.machines).about(a.Name, "")
		}
		return a.awaitHealthy(ctx, a.standing.green.open().ids(), nil)
	}); err != nil {
		return err
	}
	return j.each(ctx, func(ctx context.Context, a *appJob) error {
		if a.at == atRest {
			return nil
		}
		return a.cordonChecked(ctx, a.standing.blue.open().ids())
	})
}

// goBack opens blue as it was, and takes green out, but for what blue does not
// make up for.
func (j *job) goBack(ctx context.Context) error {
	reopened := make([]fleet, len(j.apps))
	for i, a := range j.apps {
		reopened[i] = a.closed()
		if a.at != drains {
			continue
		}
		var err error
		if reopened[i], err = a.predecessor(); err != nil {
			return person("%s has changed over to release %s, and other apps of that release cannot: %w: mend them, and run again", a.Name, a.standing.mark.id, err)
		}
	}
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		return a.uncordon(ctx, reopened[slices.Index(j.apps, a)])
	}); err != nil {
		return err
	}
	if slices.ContainsFunc(reopened, func(f fleet) bool { return len(f) > 0 }) {
		if err := j.propagate(ctx, time.Now()); err != nil {
			return err
		}
	}
	return j.each(ctx, func(ctx context.Context, a *appJob) error {
		if len(a.standing.blue) == 0 {
			return nil // there is nothing to go back to
		}
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		out, kept := f.spare(a.standing.green, a.needed())
		if len(kept) > 0 {
			a.warn(fmt.Sprintf("green machines that blue does not make up for any more stay in traffic: %s", strings.Join(kept.ids(), " ")))
		}
		return a.cordon(ctx, out)
	})
}
