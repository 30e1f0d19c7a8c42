package drain

import (
	"context"
	"fmt"

	"github.com/bitfield/script"
	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Steps are the steps of one app for [script] pipes over lines of one machine id
// each. Build, Machines, Blue and Green are sources, which begin a pipe. The others
// are each a [Step]. All of them share one handle, which keeps Fly's rate limits and
// knows what this run has cordoned and uncordoned. They are safe for concurrent use.
//
// When a step fails, the steps after it act on nothing more, and the pipe has the
// error. AwaitHealthy, Cordon, Uncordon and AwaitRouting act on all machines or on
// none, so they wait for their whole input. The others act on each machine as it
// comes: one that is idle is destroyed while others still drain.
//
// [script]: https://pkg.go.dev/github.com/bitfield/script
type Steps struct {
	app    *app
	stages *stages
}

// Steps returns the release's steps. All of them end when ctx does. If the release
// does not have exactly one app, or a setting is not valid, every pipe has that error.
func (r Release) Steps(ctx context.Context) *Steps {
	r, err := r.resolved()
	if err == nil && len(r.Apps) != 1 {
		err = fmt.Errorf("%w: steps are of one app, and the release has %d", flyctl.ErrUsage, len(r.Apps))
	}
	if err != nil {
		return &Steps{app: &app{}, stages: &stages{ctx: ctx, invalid: err}} // no stage gets as far as using the app
	}
	budget, _ := watchInterrupt(ctx)
	return &Steps{app: newApp(r, r.Apps[0], &listener{tell: r.Events}, budget), stages: &stages{ctx: ctx}}
}

// source makes a pipe of lines.
func (s *Steps) source(lines func(context.Context) ([]string, error)) *script.Pipe {
	return s.stages.stage(script.NewPipe(), func(_ *script.Pipe, _ <-chan string, emit func(string)) error {
		found, err := lines(s.stages.ctx)
		if err == nil {
			for _, line := range found {
				emit(line)
			}
		}
		return err
	})
}

// machines makes a pipe of machine ids.
func (s *Steps) machines(list func(context.Context) (fleet.List, error)) *script.Pipe {
	return s.source(func(ctx context.Context) ([]string, error) {
		ms, err := list(ctx)
		return ms.IDs(), err
	})
}

// all makes a stage that acts once, on its whole input, or not at all.
func (s *Steps) all(p *script.Pipe, act func(ctx context.Context, ids []string) error) *script.Pipe {
	return s.stages.stage(p, func(p *script.Pipe, in <-chan string, emit func(string)) error {
		var ids []string
		for id := range in {
			ids = append(ids, id)
		}
		if err := s.stages.failed(p); err != nil {
			return err // a stage before may have ended early
		}
		if len(ids) == 0 {
			return nil
		}
		if err := act(s.stages.ctx, ids); err != nil {
			return err
		}
		for _, id := range ids {
			emit(id)
		}
		return nil
	})
}

// each makes a stage that acts on each machine as it comes, side by side.
func (s *Steps) each(p *script.Pipe, act func(ctx context.Context, id string) error) *script.Pipe {
	return s.stages.stage(p, func(p *script.Pipe, in <-chan string, emit func(string)) error {
		var acting errgroup.Group
		acting.SetLimit(sideBySide)
		for id := range in {
			acting.Go(func() error {
				err := s.stages.failed(p)
				if err == nil {
					err = act(s.stages.ctx, id)
				}
				if err == nil {
					emit(id)
				}
				s.stages.fail(p, err)
				return nil
			})
		}
		_ = acting.Wait()
		return s.stages.failed(p)
	})
}
