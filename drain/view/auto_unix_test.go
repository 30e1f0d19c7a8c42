//go:build unix

package view_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

// Opening a pipe that nobody reads, to write to it, never ends.
func TestAPipeThatNobodyReadsHoldsUpNothing(t *testing.T) {
	dir := t.TempDir()
	pipe := func(name string) string {
		path := filepath.Join(dir, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("GITHUB_OUTPUT", pipe("output"))
	t.Setenv("GITHUB_STEP_SUMMARY", pipe("step"))
	summary := pipe("summary")
	f, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	go func() {
		defer cancel()
		for _, auto := range []view.Auto{{}, {Summary: summary}} {
			_, end := auto.Start(f)
			end(drain.Report{Result: drain.ResultDone, Apps: []drain.AppReport{{App: "chat", Known: true}}}, nil)
		}
	}()
	<-ctx.Done()
	if ctx.Err() != context.Canceled {
		t.Fatal("it waits for a reader")
	}
	shown, err := os.ReadFile(f.Name())
	for _, path := range []string{os.Getenv("GITHUB_OUTPUT"), os.Getenv("GITHUB_STEP_SUMMARY"), summary} {
		if err != nil || !strings.Contains(string(shown), path+" is not a regular file\n") {
			t.Errorf("nothing is said of %s: %v: %s", path, err, shown)
		}
	}
}
