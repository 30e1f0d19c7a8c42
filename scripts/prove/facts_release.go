package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// drainsWithin is how long the old machines have, from their cordon.
const drainsWithin = 10 * time.Minute

var released = fact{
	"a release by flydrain cuts nothing", "every connection is held, and the old machines go when their last one has ended",
	"examples/canary holds connections through it",
	func(ctx context.Context, s *scene) (seen, error) {
		r := drain.New(s.app)
		r.Apps[0].Dir, r.Apps[0].Image = s.dir, s.image
		r.Flyctl, r.ListEvery, r.Background = s.flyctl, s.every, true
		r.Propagation, r.Settle, r.Poll, r.Confirm = s.most(10*time.Second), s.most(10*time.Second), s.most(5*time.Second), s.most(2*time.Second)
		r.Deadline = drainsWithin
		fates, err := s.through(ctx, func(ctx context.Context) error { _, err := r.Deploy(ctx); return err })
		if err != nil {
			return seen{}, err
		}
		report, err := r.Drain(ctx)
		if err != nil && report.Result != drain.ResultDraining {
			return seen{}, err
		}
		return see(allHeld.MatchString(fates) && report.Result == drain.ResultDone, "%s; then: %s", fates, report.Result)
	},
}

var bluegreen = fact{
	"fly deploy --strategy bluegreen cuts connections", "those that are open when the old machines stop",
	"the same, for comparison",
	func(ctx context.Context, s *scene) (seen, error) {
		fates, err := s.through(ctx, func(ctx context.Context) error {
			_ = wait(ctx, 3*s.every) // the release before has used up the lists that Fly allows at once
			return s.client.Deploy(ctx, flyctl.DeployOptions{Image: s.image, Strategy: "bluegreen"})
		})
		return seen{!allHeld.MatchString(fates), fates}, err
	},
}

// allHeld is what the canary says of a release that cut nothing.
var allHeld = regexp.MustCompile(`^\d+ held, 0 ended.*, 0 cut, 0 never open$`)

// through does something while the canary holds connections, and a moment longer.
func (s *scene) through(ctx context.Context, do func(context.Context) error) (fates string, err error) {
	hold, end := context.WithCancel(ctx)
	defer end()
	ended, open := make(chan error, 1), make(chan struct{})
	go func() {
		err := error(nil)
		fates, err = s.canary(hold, s.network.url("ws", s.app, "/ws"), s.network.url("http", s.app, "/stream"), func() { close(open) })
		ended <- err
	}()
	select {
	case <-open:
	case err := <-ended:
		return "", fmt.Errorf("the canary did not open its connections: %s: %w", fates, cmp.Or(err, errEnded))
	}
	if err = do(ctx); err == nil {
		err = wait(ctx, s.watch)
	}
	end()
	err = errors.Join(err, <-ended)
	return fates, err
}

var errEnded = errors.New("it has ended")
