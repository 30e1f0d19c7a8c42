package main

import (
	"context"
	"errors"
	"fmt"
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
		f, err := s.through(ctx, func(ctx context.Context) error { _, err := r.Deploy(ctx); return err })
		if err != nil {
			return seen{}, err
		}
		report, err := r.Drain(ctx)
		if err != nil && report.Result != drain.ResultDraining {
			return seen{}, err
		}
		return see(f.lost() == 0 && f.held > 0 && report.Result == drain.ResultDone, "%v; then: %s", f, report.Result)
	},
}

var bluegreen = fact{
	"fly deploy --strategy bluegreen cuts connections", "those that are open when the old machines stop",
	"the same, for comparison",
	func(ctx context.Context, s *scene) (seen, error) {
		f, err := s.through(ctx, func(ctx context.Context) error {
			return s.client.Deploy(ctx, flyctl.DeployOptions{Image: s.image, Strategy: "bluegreen"})
		})
		if err != nil {
			return seen{}, err
		}
		return see(f.lost() > 0, "%v", f)
	},
}

// through does something while the canary holds connections, and a moment longer.
func (s *scene) through(ctx context.Context, do func(context.Context) error) (fates, error) {
	hold, end := context.WithCancel(ctx)
	defer end()
	type result struct {
		fates
		err error
	}
	ended, open := make(chan result, 1), make(chan struct{})
	go func() {
		f, err := s.canary(hold, s.network.url("ws", s.app, "/ws"), s.network.url("http", s.app, "/stream"), func() { close(open) })
		ended <- result{f, err}
	}()
	select {
	case <-open:
	case r := <-ended:
		return r.fates, fmt.Errorf("the canary ended before it began: %v %w", r.fates, errors.Join(r.err))
	}
	err := do(ctx)
	if err == nil {
		err = wait(ctx, s.watch)
	}
	end()
	r := <-ended
	return r.fates, errors.Join(err, r.err)
}
