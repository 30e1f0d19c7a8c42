package draintest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// folderVariable names the folder in which a World of several processes lies.
const folderVariable = "FLYDRAIN_SIM"

// Main is the flyctl binary of the World that lies in the folder FLYDRAIN_SIM. It
// exits. For testscript.Main: "flyctl": draintest.Main.
func Main() { os.Exit(flyctlMain(os.Args[1:])) }

func flyctlMain(args []string) int {
	folder, err := openFolder()
	if err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := folder.do(func(w *World) { w.Advance(w.Now.Add(w.Tick)) }); err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		return 1
	}
	s := &session{driver: folder, ctx: ctx, out: os.Stdout, talk: os.Stderr, env: os.Getenv, dir: "."}
	parsed := s.parse(args, false)
	if s.fault.Outlive {
		s.ctx = context.WithoutCancel(ctx)
	}
	return s.run(parsed)
}

// folder is the driver of a process. The clock stands in the state: waiting moves
// it on, for all processes.
type folder string

func openFolder() (folder, error) {
	dir := os.Getenv(folderVariable)
	if dir == "" {
		return "", errors.New("this flyctl is a simulated one, and " + folderVariable + " does not name its folder")
	}
	return folder(dir), nil
}

func (d folder) state() string { return filepath.Join(string(d), "world.json") }

// do reads the state, changes it and writes it, under a lock that falls with the
// process. A rename replaces it, so that being killed never leaves half of one.
func (d folder) do(f func(*World)) error {
	unlock, err := lockedfile.MutexAt(filepath.Join(string(d), "lock")).Lock()
	if err != nil {
		return err
	}
	defer unlock()
	data, err := os.ReadFile(d.state())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no simulated Fly in %s: run flysim init", d)
	}
	if err != nil {
		return err
	}
	w, err := Restore(data)
	if err != nil {
		return err
	}
	f(w)
	return d.write(w)
}

func (d folder) write(w *World) error {
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	next := d.state() + ".next"
	if err := os.WriteFile(next, data, 0o666); err != nil {
		return err
	}
	return os.Rename(next, d.state())
}

func (d folder) wait(ctx context.Context, t time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return d.do(func(w *World) { w.Advance(w.Now.Add(t)) })
}

func (d folder) hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func (d folder) read(dir, path string) (string, string, error) { return readFile(dir, path) }
