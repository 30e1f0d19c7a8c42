package draintest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// A driver is what a command stands on: access to the world at the present, and
// the passing of time.
type driver interface {
	do(f func(*World)) error                         // atomic
	wait(ctx context.Context, d time.Duration) error // lets time pass
}

// errInterrupted ends a command that was interrupted.
var errInterrupted = errors.New("interrupted")

// ErrKilled, as the cause of a context, ends a command as SIGKILL would: its
// leases stay.
var ErrKilled = errors.New("killed")

// session is one run of flyctl.
type session struct {
	driver
	command
	ctx   context.Context
	out   io.Writer
	talk  io.Writer // standard error
	env   func(string) string
	dir   string
	who   by
	id    int // of the run in the log
	pos   []string
	flags *pflag.FlagSet
	wrong error // with the command line
	usage bool  // is printed before the error
	app   string
	cfg   *config.App
	own   *config.App // the fly.toml that AddApp made, which only a test's own process has
	fault Fault       // of the command as a whole
	held  []holding   // leases
	done  bool        // over but for the leases: nothing interrupts any more
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

// poll calls f once every interval until it has an answer. After the limit it returns late.
func (s *session) poll(every, limit time.Duration, late error, f func() (bool, error)) error {
	for waited := time.Duration(0); ; waited += every {
		if answered, err := f(); answered || err != nil {
			return err
		}
		if waited >= limit {
			return late
		}
		if err := s.pause(every); err != nil {
			return err
		}
	}
}

// ofEach does something with each, up to the first error.
func ofEach[T any](all []T, f func(T) error) error {
	for _, one := range all {
		if err := f(one); err != nil {
			return err
		}
	}
	return nil
}

// sideBySide calls f for each index below n, so many at once. In a process, whose
// clock stands still while it works, they go one after another.
func (s *session) sideBySide(limit, n int, f func(i int)) {
	if _, process := s.driver.(*folder); process {
		limit = 1
	}
	var g errgroup.Group
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() error { f(i); return nil })
	}
	_ = g.Wait()
}

// inTurn takes steps up to the first error.
func inTurn(steps ...func() error) error {
	return ofEach(steps, func(step func() error) error { return step() })
}

// call makes an API call: limits, faults, latency, and what flyctl's transport
// does by itself: it repeats a call that was answered 502 or 503, up to three times.
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

// callApp makes a call about the app.
func (s *session) callApp(action string, f func(*World, *App) error) error {
	return s.call(action, "", func(w *World) error {
		a, err := w.app(s.app)
		if err == nil {
			err = f(w, a)
		}
		return err
	})
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
	}
	hold := false // until after the wait
	err := s.do(func(w *World) {
		latency = w.Latency
		w.Counts["api "+action]++
		if !w.limit(action, cmp.Or(id, s.app)) {
			answer = refused(429, "request returned non-2xx status: 429: rate limit exceeded")
			return
		}
		fault = w.strikeCall(s.name, action, s.app, id)
		if hold = (fault.Hang || fault.Slow > 0) && !fault.AfterEffect; !hold {
			act(w)
		}
	})
	if err != nil {
		return err
	}
	if fault.Hang {
		<-s.ctx.Done()
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

// command is one of flyctl's.
type command struct {
	name        string
	use         string
	least, most int    // arguments; -1 is any number
	app         string // "", "optional" or "required"
	flags       string
	run         func(*session) error
}

// count checks the number of arguments, in cobra's words.
func (c command) count(args []string) error {
	switch n := len(args); {
	case c.most < 0 || n >= c.least && n <= c.most:
		return nil
	case c.most == 0:
		return fmt.Errorf("unknown command %q for %q", args[0], "flyctl "+c.name)
	case c.name == "deploy":
		return fmt.Errorf("accepts at most %d arg(s), received %d", c.most, n)
	default:
		return fmt.Errorf("accepts between %d and %d arg(s), received %d", c.least, c.most, n)
	}
}

func (s *session) text(flag string) string { v, _ := s.flags.GetString(flag); return v }

func (s *session) on(flag string) bool { v, _ := s.flags.GetBool(flag); return v }

func (s *session) number(flag string) int { v, _ := s.flags.GetInt(flag); return v }

func (s *session) items(flag string) []string { v, _ := s.flags.GetStringSlice(flag); return v }
