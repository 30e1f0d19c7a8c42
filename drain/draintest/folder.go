package draintest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// What processes are told by.
const (
	folderVariable = "FLYDRAIN_SIM"     // the folder in which a World of several processes lies
	nowVariable    = "FLYDRAIN_SIM_NOW" // the time of a script in a bubble
)

// folder is the driver of a process. The clock stands in the state: waiting moves
// it on, for all processes, when this one looks again.
type folder struct {
	dir   string
	tick  bool          // this process is a command, whose tick is yet to come
	now   time.Time     // of the script in a bubble that runs it, instead of ticks
	owed  time.Duration // waited since the last look
	data  []byte        // the state as this process has last seen it, and
	world *World        // what it says
}

func openFolder() (*folder, error) {
	dir := os.Getenv(folderVariable)
	if dir == "" {
		return nil, errors.New("this flyctl is a simulated one, and " + folderVariable + " does not name its folder")
	}
	return &folder{dir: dir}, nil
}

func (d *folder) state() string { return filepath.Join(d.dir, "world.json") }

// next is where a new state is written. It is whole once the state is gone.
func (d *folder) next() string { return d.state() + ".next" }

// do reads the state, changes it and writes it, under a lock that falls with the
// process. Being killed never leaves half of a state.
func (d *folder) do(f func(*World)) error {
	var data []byte
	unlock, err := lockedfile.MutexAt(filepath.Join(d.dir, "lock")).Lock()
	if err == nil {
		defer unlock()
		data, err = os.ReadFile(d.state())
	}
	if errors.Is(err, fs.ErrNotExist) && os.Rename(d.next(), d.state()) == nil { // killed in write
		data, err = os.ReadFile(d.state())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no simulated Fly in %s: run flysim init", d.dir)
	}
	if err != nil {
		return err
	}
	if d.world == nil || !bytes.Equal(data, d.data) { // another process has changed it
		if d.world, err = restore(data); err != nil {
			return err
		}
		d.data = data
	}
	if d.tick && d.now.IsZero() {
		d.owed += d.world.Tick
	}
	d.world.advance(d.world.Now.Add(d.owed))
	d.world.advance(d.now)
	d.tick, d.owed = false, 0
	f(d.world)
	return d.write(d.world)
}

func (d *folder) write(w *World) error {
	data, err := json.Marshal(w)
	if err != nil || bytes.Equal(data, d.data) {
		return err
	}
	if err := os.WriteFile(d.next(), data, 0o666); err != nil {
		return err
	}
	d.data = data
	// A rename over the state would make some file systems write to disk at once.
	if err := os.Remove(d.state()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(d.next(), d.state())
}

func (d *folder) wait(ctx context.Context, t time.Duration) error {
	if ctx.Err() == nil {
		d.owed += t
	}
	return ctx.Err()
}
