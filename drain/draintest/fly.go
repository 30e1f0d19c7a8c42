package draintest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Fly is a simulated Fly in this process. Its present is time.Now: simulated
// under testing/synctest, real elsewhere. It may be used from many goroutines.
type Fly struct {
	mu    sync.Mutex
	world *World
}

// NewFly returns a Fly around a World, or around a new one where it is nil. The
// World is then reached through Do only.
func NewFly(w *World) *Fly {
	if w == nil {
		w = New(time.Now())
	}
	return &Fly{world: w}
}

// Do gives access to the World, advanced to the present, while nothing else has it.
func (f *Fly) Do(do func(w *World)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.world.Advance(time.Now())
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
		env := lookup(cmd.Env)
		s := &session{driver: inProcess{f}, ctx: ctx, out: &out, talk: &talk, env: env, dir: cmd.Dir}
		parsed := s.parse(cmd.Args, true)
		if s.fault.Outlive {
			s.ctx = context.WithoutCancel(ctx)
		}
		var exit int
		ended := make(chan struct{})
		run := func() {
			defer close(ended)
			exit = s.run(parsed)
		}
		result := func(exit int) flyctl.Result {
			return flyctl.Result{Stdout: out.end(), Stderr: talk.end(), ExitCode: exit}
		}
		if s.fault.Outlive {
			go run()
			select {
			case <-ended:
			case <-ctx.Done():
				return result(-1), context.Cause(ctx)
			}
		} else {
			run()
		}
		if exit == 127 && ctx.Err() != nil {
			return result(exit), context.Cause(ctx)
		}
		return result(exit), nil
	}
}

// inProcess is the driver of a Fly.
type inProcess struct{ fly *Fly }

func (d inProcess) do(f func(*World)) error {
	d.fly.Do(f)
	return nil
}

func (d inProcess) wait(ctx context.Context, t time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d inProcess) hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func (d inProcess) read(dir, path string) (string, string, error) {
	if dir == "" && !filepath.IsAbs(path) {
		return "", path, os.ErrNotExist
	}
	return readFile(dir, path)
}

func readFile(dir, path string) (string, string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", path, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", path, errors.Join(os.ErrNotExist)
	}
	data, err := os.ReadFile(path)
	return string(data), path, err
}

func lookup(env []string) func(string) string {
	return func(key string) string {
		for i := len(env) - 1; i >= 0; i-- {
			if v, ok := strings.CutPrefix(env[i], key+"="); ok {
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
	n, err := b.b.Write(p)
	for {
		line, _, ended := bytes.Cut(b.b.Bytes()[b.told:], []byte("\n"))
		if !ended {
			return n, err
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
