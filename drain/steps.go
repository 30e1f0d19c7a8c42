package drain

import (
	"context"
	"strings"
	"sync"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Steps are the steps of an app for [script] pipes. Sources begin a pipe, and
// the other methods are a [Step] each. What a step does, refuses and promises is
// said at the method of [App] with its name.
//
// When a step fails, the steps after it act on nothing more, and the pipe has
// the error. Steps that act on all machines or on none (AwaitHealthy, Cordon,
// Uncordon) wait for their whole input; the others act on each machine as it
// comes, so one that is idle is destroyed while others still drain.
//
// [script]: https://pkg.go.dev/github.com/bitfield/script
type Steps struct {
	app    *App
	stages *stages
}

// Steps gives the app's steps for pipes, all under one context.
func (a *App) Steps(ctx context.Context) *Steps {
	return &Steps{app: a, stages: &stages{ctx: ctx}}
}

// Build is a source: the reference of the image that it built.
func (s *Steps) Build() *script.Pipe {
	return s.source(func(ctx context.Context) ([]string, error) {
		ref, err := s.app.Build(ctx)
		return []string{ref}, err
	})
}

// Machines is a source: all machines that "fly deploy" manages.
func (s *Steps) Machines() *script.Pipe { return s.machines(s.app.Machines) }

// Blue is a source: the machines that are in service now.
func (s *Steps) Blue() *script.Pipe { return s.machines(s.app.Blue) }

// Green is a source: new machines that run the image, as many as blue has, held.
// White space around the image is dropped: Build's line ends with a newline.
func (s *Steps) Green(image string) *script.Pipe {
	return s.machines(func(ctx context.Context) ([]flyctl.Machine, error) { return s.app.Green(ctx, strings.TrimSpace(image)) })
}

// AwaitHealthy hands all ids on when all machines are healthy.
func (s *Steps) AwaitHealthy(p *script.Pipe) *script.Pipe { return s.all(p, s.app.AwaitHealthy) }

// Cordon takes all machines out of traffic, or none.
func (s *Steps) Cordon(p *script.Pipe) *script.Pipe { return s.all(p, s.app.Cordon) }

// Uncordon lets all machines take traffic, or none.
func (s *Steps) Uncordon(p *script.Pipe) *script.Pipe { return s.all(p, s.app.Uncordon) }

// Stop hands an id on when its machine has stopped.
func (s *Steps) Stop(p *script.Pipe) *script.Pipe { return s.each(p, s.app.Stop) }

// Destroy hands an id on when its machine is destroyed.
func (s *Steps) Destroy(p *script.Pipe) *script.Pipe { return s.each(p, s.app.Destroy) }

// Autostop hands an id on when its machine's VM has been replaced.
func (s *Steps) Autostop(p *script.Pipe) *script.Pipe { return s.each(p, s.app.Autostop) }

// AwaitIdle hands an id on as soon as its machine is idle. One that has gone
// meanwhile is not handed on: there is nothing left to do.
func (s *Steps) AwaitIdle(p *script.Pipe) *script.Pipe {
	return s.stages.stage(p, func(p *script.Pipe, ids <-chan string, emit func(string)) error {
		goOn := func() error { return s.stages.failed(p) }
		return s.app.awaitIdle(s.stages.ctx, ids, goOn, func(v verdict) {
			if v.err != nil {
				s.stages.fail(p, v.err)
			}
			if v.idle {
				emit(v.id)
			}
		})
	})
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

func (s *Steps) machines(get func(context.Context) ([]flyctl.Machine, error)) *script.Pipe {
	return s.source(func(ctx context.Context) ([]string, error) {
		ms, err := get(ctx)
		return fleet(ms).ids(), err
	})
}

// all makes a stage that acts once, on its whole input, or not at all.
func (s *Steps) all(p *script.Pipe, act func(context.Context, ...string) error) *script.Pipe {
	return s.stages.stage(p, func(p *script.Pipe, in <-chan string, emit func(string)) error {
		var ids []string
		for id := range in {
			ids = append(ids, id)
		}
		if err := s.stages.failed(p); err != nil {
			return err // a stage before may have ended early
		}
		if err := act(s.stages.ctx, ids...); err != nil {
			return err
		}
		for _, id := range ids {
			emit(id)
		}
		return nil
	})
}

// each makes a stage that acts on each machine as it comes, side by side.
func (s *Steps) each(p *script.Pipe, act func(context.Context, ...string) error) *script.Pipe {
	return s.stages.stage(p, func(p *script.Pipe, in <-chan string, emit func(string)) error {
		slots := make(chan struct{}, 4*flyctl.MaxParallel)
		var acting sync.WaitGroup
		for id := range in {
			slots <- struct{}{}
			acting.Go(func() {
				defer func() { <-slots }()
				if s.stages.failed(p) != nil {
					return
				}
				if err := act(s.stages.ctx, id); err != nil {
					s.stages.fail(p, err)
					return
				}
				emit(id)
			})
		}
		acting.Wait()
		return s.stages.failed(p)
	})
}
