package drain

import (
	"context"
	"fmt"
	"io"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/pipe"
	"github.com/flydrain/flydrain/drain/internal/safe"
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
	stages *pipe.Stages
}

// Steps returns the release's steps. All of them end when ctx does. If the release
// does not have exactly one app, or a setting is not valid, every pipe has that error.
func (r Release) Steps(ctx context.Context) *Steps {
	ctx, tell, _ := safe.Guard(ctx, "Events", r.Events)
	r, err := r.resolved()
	if err == nil && len(r.Apps) != 1 {
		err = fmt.Errorf("%w: steps are for one app, and the release has %d", flyctl.ErrUsage, len(r.Apps))
	}
	s := &Steps{stages: &pipe.Stages{Ctx: ctx, Invalid: err, Shown: safe.Error, Parallel: sideBySide}}
	if s.app = (&app{}); err == nil { // else no stage gets as far as using it
		budget, _ := watchInterrupt(ctx)
		s.app = newApp(r, r.Apps[0], &listener{tell: tell}, budget)
	}
	return s
}

// machines makes a pipe of machine ids.
func (s *Steps) machines(list func(context.Context) (fleet.List, error)) *script.Pipe {
	return s.stages.Source(func(ctx context.Context) ([]string, error) {
		ms, err := list(ctx)
		return ms.IDs(), err
	})
}

// Step is a stage of a pipe over lines of one machine id each. It takes ids, does
// something with each machine, and hands an id on when that is done.
type Step func(*script.Pipe) *script.Pipe

// Run sends a pipe through the steps. It returns when every step has ended, whether
// or not one failed, and returns the first error. (The pipe's own Wait returns at
// the first error, when a machine may still be stopping.)
func Run(p *script.Pipe, steps ...Step) error {
	for _, step := range steps {
		p = step(p)
	}
	_, err := io.Copy(io.Discard, p.Reader)
	if failed := p.Error(); failed != nil {
		return failed
	}
	return err
}
