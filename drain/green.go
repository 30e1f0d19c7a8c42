package drain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// Green is a source: the ids of new machines that run the image. It creates as many as
// Blue has for each process group, region and size, marked as one release, and
// cordons each while flyctl is still at work. It hands them on when all are there
// and held. Follow it with [Steps.AwaitHealthy] and [Steps.Uncordon]. Without an
// image it takes the app's Image, or else builds one. White space around the image
// is dropped, as the line of [Steps.Build] ends with a newline.
//
// flyctl registers a machine as it creates it, so each green machine could serve for
// the moment between its creation and its hold, if it boots and passes its checks
// that fast: [EventHeld] says how long the moment was. After a failure, green is
// destroyed where the lists show that it never served: it was held before it was up,
// and not healthy for the propagation time after that, in which a proxy may not know of
// the hold. Otherwise it is drained, for at most the health timeout.
func (s *Steps) Green(image string) *script.Pipe {
	return s.machines(func(ctx context.Context) (fleet.List, error) { return s.createGreen(ctx, strings.TrimSpace(image)) })
}

func (s *Steps) createGreen(ctx context.Context, image string) (fleet.List, error) {
	a := s.app
	if err := (flyctl.DeployOptions{Image: image}).Validate(); err != nil {
		return nil, err
	}
	j := s.newRun()
	if err := j.readConfigs(ctx); err != nil {
		return nil, err
	}
	g, _, err := j.newGoal(ctx, time.Now(), image)
	if err != nil {
		return nil, err
	}
	g.HeldOnly = true
	if err := j.complete(ctx, g); err != nil {
		if left := standing.One(j.goal, j.facts, 0, a.lists.Latest()).Green; len(left) > 0 {
			where := "cordoned"
			if len(left.Cordoned()) < len(left) || j.lost {
				where = "perhaps serving"
			}
			ids := left.IDs()
			slices.Sort(ids)
			err = fmt.Errorf("%w (left of green, %s: %s)", err, where, strings.Join(ids, " "))
		}
		return nil, err
	}
	v := j.view(0)
	if surplus := v.Surplus(); len(surplus) > 0 {
		a.warn("surplus machines are left, cordoned: " + strings.Join(surplus.IDs(), " "))
	}
	return v.Kept(), nil
}

// newRun returns a run of the loop for a step.
func (s *Steps) newRun() *run {
	a := s.app
	return newRun(Release{Propagation: a.release.Propagation, ListEvery: a.release.ListEvery}, a.events, a.budget, a)
}

// complete reaches a goal of all apps, or returns why it could not.
func (j *run) complete(ctx context.Context, g facts.Goal) error {
	d, err := j.reach(ctx, j.apps, g)
	if err == nil {
		err = j.outcome(d)
	}
	j.tellPhase("", err)
	return err
}
