package draintest

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// A driver is what a command stands on: access to the world at the present, and
// the passing of time.
type driver interface {
	do(f func(*World)) error                                   // atomic
	wait(ctx context.Context, d time.Duration) error           // lets time pass
	hang(ctx context.Context) error                            // until the context ends
	read(dir, path string) (text string, at string, err error) // a file of the working folder
}

// errInterrupted ends a command that was interrupted.
var errInterrupted = errors.New("interrupted")

// ErrKilled, as the cause of a context, ends a command as SIGKILL would: its
// leases stay.
var ErrKilled = errors.New("killed")

// session is one run of flyctl.
type session struct {
	driver
	ctx   context.Context
	out   io.Writer
	talk  io.Writer // standard error
	env   func(string) string
	dir   string
	who   by
	id    int // of the run in the log
	name  string
	pos   []string
	flags *pflag.FlagSet
	app   string
	cfg   *config.App
	fault Fault // of the command as a whole
	held  []holding
	done  bool // over but for the leases: nothing interrupts any more
}

type holding struct{ id, nonce string }

func (s *session) interrupted() bool { return !s.done && s.ctx.Err() != nil }

func (s *session) pause(d time.Duration) error {
	if s.done {
		return nil
	}
	if err := s.wait(s.ctx, d); err != nil {
		return errInterrupted
	}
	return nil
}

// call makes an API call: limits, faults, latency, and what flyctl's transport
// does by itself, which is to repeat what was answered 502 or 503, three times.
func (s *session) call(action, id string, f func(*World) error) error {
	for try := 0; ; try++ {
		err := s.once(action, id, f)
		var refusal *apiError
		if try == 3 || !errors.As(err, &refusal) || refusal.Status != 502 && refusal.Status != 503 {
			return err
		}
		if err := s.pause(100 * time.Millisecond << try); err != nil {
			return err
		}
	}
}

func (s *session) once(action, id string, f func(*World) error) error {
	if s.interrupted() {
		return errInterrupted
	}
	var fault Fault
	var answer error
	var latency time.Duration
	act := func(w *World) {
		if fault.Status == 0 || fault.AfterEffect {
			answer = f(w)
		}
		if fault.Status != 0 {
			answer = refused(fault.Status, fault.Message)
		}
		w.Counts["api "+action]++
	}
	hold := false // until after the wait
	err := s.do(func(w *World) {
		latency = w.Latency
		key := id
		if key == "" {
			key = s.app
		}
		if !w.limit(action, key) {
			answer = refused(429, "request returned non-2xx status: 429: rate limit exceeded")
			w.Counts["api "+action]++
			return
		}
		if struck := w.strikeCall(s.name, action, s.app, id); struck != nil {
			if struck.Hang {
				struck.Hung++
			}
			fault = *struck
		}
		if hold = (fault.Hang || fault.Slow > 0) && !fault.AfterEffect; !hold {
			act(w)
		}
	})
	if err != nil {
		return err
	}
	if fault.Hang {
		s.driver.hang(s.ctx)
		return errInterrupted
	}
	waited := s.pause(latency + fault.Slow)
	if hold { // also when interrupted: it was in flight
		if err := s.do(act); err != nil {
			return err
		}
	}
	if waited != nil {
		return waited
	}
	return answer
}

// settle gives back the leases that are known to be held, as flyctl does also
// when it was interrupted.
func (s *session) settle(say func(id string, err error)) {
	s.done = true
	if errors.Is(context.Cause(s.ctx), ErrKilled) {
		return
	}
	for _, h := range s.held {
		err := s.call("release", h.id, func(w *World) error { return w.release(s.app, h.id, h.nonce) })
		say(h.id, err)
	}
	s.held = nil
}
