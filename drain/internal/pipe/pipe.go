// Package pipe builds the stages of script pipes over lines of one machine id each.
package pipe

import (
	"bufio"
	"context"
	"io"
	"strings"
	"sync"

	"github.com/bitfield/script"
	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Stages builds stages that end when its context does. All of them share one
// *script.Pipe, and with it one error; the lock keeps the first.
type Stages struct {
	Ctx      context.Context
	Invalid  error             // if not nil, no stage does anything, and each pipe has this error
	Shown    func(error) error // makes an error safe to show
	Parallel int               // how many machines are acted on at once
	mu       sync.Mutex
}

// Fail gives the pipe an error, unless it has one.
func (s *Stages) Fail(p *script.Pipe, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && p.Error() == nil {
		p.SetError(s.Shown(err))
	}
}

// Failed returns why a stage must not continue.
func (s *Stages) Failed(p *script.Pipe) error {
	if err := p.Error(); err != nil {
		return err
	}
	return context.Cause(s.Ctx)
}

// Source makes a pipe of lines.
func (s *Stages) Source(lines func(context.Context) ([]string, error)) *script.Pipe {
	return s.Stage(script.NewPipe(), func(_ *script.Pipe, _ <-chan string, emit func(string)) error {
		found, err := lines(s.Ctx)
		if err == nil {
			for _, line := range found {
				emit(line)
			}
		}
		return err
	})
}

// All makes a stage that acts once, on its whole input, or not at all.
func (s *Stages) All(p *script.Pipe, act func(ctx context.Context, ids []string) error) *script.Pipe {
	return s.Stage(p, func(p *script.Pipe, in <-chan string, emit func(string)) error {
		var ids []string
		for id := range in {
			ids = append(ids, id)
		}
		if err := s.Failed(p); err != nil {
			return err // a stage before may have ended early
		}
		if len(ids) == 0 {
			return nil
		}
		if err := act(s.Ctx, ids); err != nil {
			return err
		}
		for _, id := range ids {
			emit(id)
		}
		return nil
	})
}

// Each makes a stage that acts on each machine as it comes, side by side.
func (s *Stages) Each(p *script.Pipe, act func(ctx context.Context, id string) error) *script.Pipe {
	return s.Stage(p, func(p *script.Pipe, in <-chan string, emit func(string)) error {
		var acting errgroup.Group
		acting.SetLimit(s.Parallel)
		for id := range in {
			acting.Go(func() error {
				err := s.Failed(p)
				if err == nil {
					err = act(s.Ctx, id)
				}
				if err == nil {
					emit(id)
				}
				s.Fail(p, err)
				return nil
			})
		}
		_ = acting.Wait()
		return s.Failed(p)
	})
}

// Stage adds a stage that gets the ids as they come, each once, and hands ids on
// by emit. The input is always read to its end: script never closes it, so the
// stage before would block for ever. The output is queued: a slow stage after
// this one does not hold it up. Errors go to the pipe, never to script, which
// would overwrite an earlier one.
func (s *Stages) Stage(p *script.Pipe, work func(p *script.Pipe, ids <-chan string, emit func(string)) error) *script.Pipe {
	if p.Error() != nil {
		return p
	}
	return p.Filter(func(r io.Reader, w io.Writer) error {
		in, out := make(chan string), make(chan string)
		var copying sync.WaitGroup
		copying.Go(func() {
			defer close(in)
			s.read(p, r, in)
		})
		copying.Go(func() {
			for id := range queued(out) {
				_, _ = io.WriteString(w, id+"\n") // a reader that has gone has its own error
			}
		})
		err := s.Invalid
		if err == nil {
			err = work(p, in, func(id string) { out <- id })
		}
		s.Fail(p, err)
		close(out)
		for range in { // work may have left early
		}
		copying.Wait()
		return nil
	})
}

// read hands on each id once. One that is not valid fails the pipe.
func (s *Stages) read(p *script.Pipe, r io.Reader, ids chan<- string) {
	seen := map[string]bool{}
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadString('\n')
		if id := strings.TrimSpace(line); id != "" && !seen[id] {
			seen[id] = true
			if invalid := flyctl.ValidateID(id); invalid != nil {
				s.Fail(p, invalid)
			} else {
				ids <- id
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			s.Fail(p, err)
			return
		}
	}
}

// queued hands on what comes in, and never holds up who sends it.
func queued(in <-chan string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		var waiting []string
		for in != nil || len(waiting) > 0 {
			var to chan<- string
			var next string
			if len(waiting) > 0 {
				to, next = out, waiting[0]
			}
			select {
			case id, ok := <-in:
				if ok {
					waiting = append(waiting, id)
				} else {
					in = nil
				}
			case to <- next:
				waiting = waiting[1:]
			}
		}
	}()
	return out
}
