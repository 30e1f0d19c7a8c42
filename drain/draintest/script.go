package draintest

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

//go:embed testdata/fly.toml
var plainTOML []byte

// Params are for sessions, the files *.txtar of a folder: testscript.Run(t,
// draintest.Params("testdata")). Each has a simulated Fly of its own. One that brings no
// fly.toml has that of an app my-app with a service and a check. To testscript's
// commands comes exec with the exit code that is wanted: "exits 3 deploy my-app".
func Params(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv(folderVariable, filepath.Join(e.WorkDir, "sim"))
			e.Setenv("FLY_API_TOKEN", "any")
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each program sleeps a second under -race
			path := filepath.Join(e.WorkDir, "fly.toml")
			if _, err := os.Stat(path); err == nil {
				return nil
			}
			return os.WriteFile(path, plainTOML, 0o666)
		},
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// InBubble returns a deploy script's main as it runs in a bubble of testing/synctest: its
// waits take simulated time, so it needs no flags that shorten them. Its clock begins with
// that of the World in the folder FLYDRAIN_SIM. Until a command ends no time passes:
// one that hangs is waited for without end. A signal ends it with a panic. To test these
// two, run main as it is. For testscript.Main: "deploy": draintest.InBubble(main).
func InBubble(main func()) func() {
	return func() {
		args := os.Args
		os.Args = args[:1]                                   // the rest is not for package testing
		signal.Notify(make(chan os.Signal, 1), os.Interrupt) // what waits for signals is not of the bubble
		signal.Reset(os.Interrupt)
		testing.Main(nil, []testing.InternalTest{{Name: args[0], F: func(t *testing.T) {
			os.Args = args
			synctest.Test(t, func(*testing.T) {
				if d, err := openFolder(); err == nil {
					_ = d.do(func(w *World) { time.Sleep(time.Until(w.Now)) }) // if it fails, flyctl says why
				}
				main()
				os.Exit(0)
			})
		}}}, nil, nil)
	}
}
