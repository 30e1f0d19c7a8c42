package drain

import (
	"bufio"
	"context"
	"io"
	"strings"
	"sync"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
)

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

// stages builds the stages of a pipe. All of them share one *script.Pipe, and
// with it one error; the lock keeps the first.
type stages struct {
	ctx     context.Context
	invalid error // what is wrong with the release: no stage does anything
	mu      sync.Mutex
}

func (s *stages) fail(p *script.Pipe, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && p.Error() == nil {
		p.SetError(shown(err))
	}
}

// failed returns why a stage must not continue.
func (s *stages) failed(p *script.Pipe) error {
	if err := p.Error(); err != nil {
		return err
	}
	return context.Cause(s.ctx)
}

// stage adds a stage that gets the ids as they come, each once, and hands ids on
// by emit. The input is always read to its end: script never closes it, so the
// stage before would block for ever. The output is queued: a slow stage after
// this one does not hold it up. Errors go to the pipe, never to script, which
// would overwrite an earlier one.
func (s *stages) stage(p *script.Pipe, work func(p *script.Pipe, ids <-chan string, emit func(string)) error) *script.Pipe {
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
		err := s.invalid
		if err == nil {
			err = work(p, in, func(id string) { out <- id })
		}
		s.fail(p, err)
		close(out)
		for range in { // work may have left early
		}
		copying.Wait()
		return nil
	})
}

// read hands on each id once. One that is not valid fails the pipe.
func (s *stages) read(p *script.Pipe, r io.Reader, ids chan<- string) {
	seen := map[string]bool{}
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadString('\n')
		if id := strings.TrimSpace(line); id != "" && !seen[id] {
			seen[id] = true
			if invalid := flyctl.ValidateID(id); invalid != nil {
				s.fail(p, invalid)
			} else {
				ids <- id
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			s.fail(p, err)
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
