package flyctl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Find returns the path of the flyctl binary: path itself unless it is "", else
// $FLYCTL, else flyctl or fly on the PATH. The error is [ErrNotInstalled] if there
// is none.
func Find(path string) (string, error) {
	names := []string{"flyctl", "fly"}
	if path = cmp.Or(path, os.Getenv("FLYCTL")); path != "" {
		names = []string{path}
	}
	var first error
	for _, name := range names {
		found, err := exec.LookPath(name)
		if err == nil {
			return filepath.Abs(found) // commands run in other folders than ours
		}
		first = cmp.Or(first, err)
	}
	return "", fmt.Errorf("%w: %s: install it (https://fly.io/docs/flyctl/install/) or set FLYCTL to its path", ErrNotInstalled, Printable(first.Error()))
}

// Exec returns a [Runner] that starts the binary at path, as [Find] returns it,
// with an empty standard input. When the context ends, flyctl is interrupted, and
// killed after Command.Wait (on Windows, which has no interrupt for it, killed at
// once). An interrupt and a kill reach what it has started, too, as FLYCTL may be a
// script. On Unix it runs in a process group of its own, so that a Ctrl-C in a
// terminal reaches the program that called it, and not flyctl in the middle of a
// change. On Linux it ends with us.
//
// The environment is inherited, except for variables that make flyctl print more
// than the answer on standard output, or check less, and tokens that it does not need.
func Exec(path string) Runner {
	return func(ctx context.Context, c Command) (Result, error) {
		if err := context.Cause(ctx); err != nil {
			return Result{}, err
		}
		dir, done, err := folder(c.Dir)
		if err != nil {
			return Result{}, err
		}
		defer done()

		stdout, stderr := &ending{most: c.Tail}, &ending{most: c.Tail}
		cmd := exec.CommandContext(ctx, path, c.Args...)
		cmd.Dir = dir
		cmd.Env = append(environ(runtime.GOOS, os.Environ(), c.NoToken), c.Env...)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		if c.Output != nil {
			var mu sync.Mutex
			redact := newRedactor()
			streams := []*io.Writer{&cmd.Stderr, &cmd.Stdout}
			if c.Talk {
				streams = streams[:1]
			}
			for _, stream := range streams {
				l := &lines{mu: &mu, tell: c.Output, redact: redact}
				defer l.end() // one without a line end
				*stream = io.MultiWriter(*stream, l)
			}
		}
		cmd.SysProcAttr = sysProcAttr()
		cmd.Cancel = func() error { return terminate(cmd.Process, c.Wait > 0) }
		// This also bounds how long a process that flyctl left behind can hold our
		// pipes open after flyctl itself has ended.
		cmd.WaitDelay = cmp.Or(c.Wait, time.Second)

		// Linux ties a child's life to the thread that started it, not to the process.
		runtime.LockOSThread()
		err = cmd.Run()
		runtime.UnlockOSThread()

		res := Result{Stdout: stdout.bytes(), Stderr: stderr.bytes()}
		if cause := context.Cause(ctx); cause != nil && err != nil {
			if cmd.Process != nil {
				killGroup(cmd.Process.Pid)
			}
			return res, cause
		}
		var exit *exec.ExitError
		switch {
		case err == nil, errors.Is(err, exec.ErrWaitDelay):
			return res, nil
		case errors.As(err, &exit) && exit.Exited():
			res.ExitCode = exit.ExitCode()
			return res, nil
		case errors.As(err, &exit):
			return res, fmt.Errorf("%w: %w", ErrInterrupted, err)
		case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return res, fmt.Errorf("%w: starting %s: %w", ErrNotInstalled, path, err)
		}
		return res, fmt.Errorf("starting %s: %w", path, err)
	}
}

// folder returns where a command runs: dir, or for "" an empty folder, as a broken
// fly.toml in the current one fails every command.
func folder(dir string) (path string, done func(), err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "flydrain-"); err != nil {
			return "", nil, fmt.Errorf("making an empty folder to run flyctl in: %w", err)
		}
		return dir, func() { _ = os.RemoveAll(dir) }, nil
	}
	// To os/exec a missing folder looks like a missing binary.
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", dir)
	}
	if err != nil {
		err = fmt.Errorf("%w: the app's folder: %w", ErrUsage, err)
	}
	return dir, func() {}, err
}
