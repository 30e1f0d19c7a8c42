package draintest

import (
	_ "embed"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
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
			e.Vars = append(e.Vars, folderVariable+"="+filepath.Join(e.WorkDir, "sim"), "FLY_API_TOKEN=any",
				"GORACE=atexit_sleep_ms=0") // else each program sleeps a second under -race
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
	code := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s: %s", code, args[0], strings.Join(args[1:], " "))
	}
}

// InBubble returns a deploy script's main as it runs in a bubble of testing/synctest: its
// waits take simulated time, so it needs no flags that shorten them. It has the flags of the
// script's packages, and none of tests. Its clock begins with that of the World in the
// folder FLYDRAIN_SIM, and moves that on. While a command runs no time passes: one that
// hangs is waited for without end. A signal ends it with a fatal error. To test these two,
// give main as it is another name, and run that: examples/deploy does so. For
// testscript.Main: "deploy": draintest.InBubble(main).
func InBubble(main func()) func() {
	return func() {
		args := os.Args
		os.Args = args[:1]                                   // the rest is not for package testing
		signal.Notify(make(chan os.Signal, 1), os.Interrupt) // what waits for signals is not of the bubble
		signal.Reset(os.Interrupt)
		testing.Main(nil, []testing.InternalTest{{Name: args[0], F: func(t *testing.T) {
			os.Args = args
			untested(args[0])
			synctest.Test(t, func(*testing.T) {
				if d, err := openFolder(); err == nil {
					_ = d.do(func(w *World) { time.Sleep(time.Until(w.Now)) }) // if it fails, flyctl says why
				}
				tellTime()
				go func() {
					for range 30 * 24 * 60 * 60 { // seconds; then a script that waits for nothing is found
						time.Sleep(time.Second)
						tellTime()
					}
				}()
				main()
				os.Exit(0)
			})
		}}}, nil, nil)
	}
}

func tellTime() { _ = os.Setenv(nowVariable, time.Now().Format(time.RFC3339Nano)) }

// untested makes the program's flags what they are without package testing: not parsed,
// and without those of tests.
func untested(program string) {
	own := flag.NewFlagSet(program, flag.ExitOnError)
	own.Usage = func() { flag.Usage() } // a script may set it
	flag.VisitAll(func(f *flag.Flag) {
		if !strings.HasPrefix(f.Name, "test.") && f.Name != "testwork" { // which is of testscript
			own.Var(f.Value, f.Name, f.Usage)
		}
	})
	flag.CommandLine = own
}
