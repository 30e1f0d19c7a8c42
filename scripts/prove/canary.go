package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// canary holds connections to two addresses until the context ends; it calls open when
// they are open.
type canary func(ctx context.Context, websocket, stream string, open func()) (fates, error)

// fates is what became of them.
type fates struct{ held, ended, cut, failed int }

func (f fates) lost() int { return f.ended + f.cut + f.failed }

func (f fates) String() string {
	return fmt.Sprintf("%d held, %d ended in order, %d cut, %d never open", f.held, f.ended, f.cut, f.failed)
}

var fatesSaid = regexp.MustCompile(`(\d+) held, (\d+) ended.*, (\d+) cut, (\d+) never open`)

// program is examples/canary, built where no path is given. It reaches a simulated Fly
// by its edge.
func program(path, edge string) canary {
	return func(ctx context.Context, websocket, stream string, open func()) (f fates, err error) {
		if path == "" {
			path = filepath.Join(os.TempDir(), fmt.Sprintf("flydrain-canary-%d.exe", os.Getpid()))
			defer os.Remove(path)
			if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/flydrain/flydrain/examples/canary").CombinedOutput(); err != nil {
				return f, fmt.Errorf("building examples/canary: %w: %s", err, out)
			}
		}
		cmd := exec.CommandContext(ctx, path, "-n", "5", websocket, stream)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it then says what became of them
		cmd.WaitDelay = 10 * time.Second
		if edge != "" {
			cmd.Env = append(os.Environ(), "HTTP_PROXY=http://"+edge)
		}
		talk, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return f, err
		}
		last := ""
		for lines := bufio.NewScanner(talk); lines.Scan(); {
			if last = lines.Text(); strings.HasSuffix(last, "connections are open") {
				open()
			}
		}
		_ = cmd.Wait() // its exit code says no more than its last line
		said := fatesSaid.FindStringSubmatch(last)
		if said == nil {
			return f, fmt.Errorf("the canary did not say what became of its connections: %s", last)
		}
		for i, n := range []*int{&f.held, &f.ended, &f.cut, &f.failed} {
			*n, _ = strconv.Atoi(said[i+1]) // digits
		}
		return f, nil
	}
}
