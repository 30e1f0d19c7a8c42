package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// canary holds connections to two addresses until the context ends. It calls open when
// they are open, and returns in its own words what became of them.
type canary func(ctx context.Context, websocket, stream string, open func()) (fates string, err error)

// program is examples/canary, built where no path is given. It reaches a simulated Fly
// by its edge.
func program(path, edge string) canary {
	return func(ctx context.Context, websocket, stream string, open func()) (last string, err error) {
		if path == "" {
			path = filepath.Join(os.TempDir(), fmt.Sprintf("flydrain-canary-%d.exe", os.Getpid()))
			defer os.Remove(path)
			if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/flydrain/flydrain/examples/canary").CombinedOutput(); err != nil {
				return "", fmt.Errorf("building examples/canary: %w: %s", err, out)
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
			return "", err
		}
		for lines := bufio.NewScanner(talk); lines.Scan(); {
			if _, last, _ = strings.Cut(lines.Text(), " "); last == "10 of 10 connections are open" { // after the time
				open()
			}
		}
		_ = cmd.Wait() // its exit code says no more than its last line
		return last, nil
	}
}
