package draintest

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Fly is a simulated Fly in this process. Its present is time.Now: simulated
// under testing/synctest, real elsewhere. It may be used from many goroutines.
type Fly struct {
	// Dial connects to an app as a client does: NAME.fly.dev:PORT, without TLS. Every app
	// answers with its machine's id. Over TCP, by WebSocket and at /stream it then stays.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu    sync.Mutex
	world *World
}

// NewFly returns a Fly around a World, or around a new one where it is nil. The
// World is then reached through Do only.
func NewFly(w *World) *Fly {
	if w == nil {
		w = New(time.Now())
	}
	f := &Fly{world: w}
	f.Dial = (&edge{driver: inProcess{f}}).dial
	return f
}

// Do calls do with the World, advanced to the present, while nothing else has it.
func (f *Fly) Do(do func(w *World)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.world.advance(time.Now())
	do(f.world)
}

// Runner runs flyctl commands on the simulated Fly. When the context ends, a
// command does what flyctl does on an interrupt: what is in flight takes effect,
// and leases go back, but for the cause [ErrKilled].
func (f *Fly) Runner() flyctl.Runner {
	return func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		if ctx.Err() != nil {
			return flyctl.Result{ExitCode: -1}, context.Cause(ctx)
		}
		out, talk := buffer{tell: cmd.Output}, buffer{tell: cmd.Output}
		if cmd.Talk {
			out.tell = nil
		}
		s := &session{driver: inProcess{f}, ctx: ctx, out: &out, talk: &talk, env: lookup(cmd.Env), dir: cmd.Dir}
		s.parse(cmd.Args, true)
		ended := make(chan int, 1)
		exit := 0
		if s.fault.Outlive {
			s.ctx = context.WithoutCancel(ctx)
			go func() { ended <- s.run() }()
			select {
			case exit = <-ended:
			case <-ctx.Done():
				exit = -1
			}
		} else {
			exit = s.run()
		}
		result := flyctl.Result{Stdout: out.end(), Stderr: talk.end(), ExitCode: exit}
		if (exit == -1 || exit == 127) && ctx.Err() != nil {
			return result, context.Cause(ctx)
		}
		return result, nil
	}
}

// inProcess is the driver of a Fly.
type inProcess struct{ fly *Fly }

func (d inProcess) do(f func(*World)) error {
	d.fly.Do(f)
	return nil
}

func (d inProcess) wait(ctx context.Context, t time.Duration) error { return wait(ctx, t) }

func lookup(env []string) func(string) string {
	return func(key string) string {
		for _, one := range slices.Backward(env) {
			if v, ok := strings.CutPrefix(one, key+"="); ok {
				return v
			}
		}
		return ""
	}
}

// buffer keeps what a command prints, and tells it line by line until the end. It
// may still be written to by a command that outlives its context.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	tell func(line string)
	told int // bytes
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Write(p)
	for {
		line, _, ended := bytes.Cut(b.b.Bytes()[b.told:], []byte("\n"))
		if !ended {
			return len(p), nil
		}
		b.told += len(line) + 1
		b.pass(line)
	}
}

func (b *buffer) pass(line []byte) {
	if b.tell == nil {
		return
	}
	if text := flyctl.Printable(string(line)); text != "" {
		b.tell(text)
	}
}

// end tells the last line, if it has no line end, and returns all that was printed.
func (b *buffer) end() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pass(b.b.Bytes()[b.told:])
	b.told, b.tell = b.b.Len(), nil
	return bytes.Clone(b.b.Bytes())
}
