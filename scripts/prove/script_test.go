package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // memory for time
	testscript.Main(m, map[string]func(){"prove": main, "flyctl": draintest.Main, "flysim": draintest.Sim})
}

func TestScripts(t *testing.T) {
	built := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", built, "../../examples/canary", "../conform").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"within": within},
		Setup: func(e *testscript.Env) error {
			sim := filepath.Join(e.WorkDir, "sim")
			e.Setenv("FLYDRAIN_SIM", sim)
			e.Setenv("FLY_API_TOKEN", token)
			e.Setenv("PATH", built+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("CANARY", filepath.Join(built, "canary"))
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each process sleeps a second under -race
			edge := exec.Command("flysim", "edge")
			edge.Env = append(os.Environ(), "FLYDRAIN_SIM="+sim)
			out, err := edge.StdoutPipe()
			if err == nil {
				err = edge.Start()
			}
			if err != nil {
				return err
			}
			e.Defer(func() {
				_ = edge.Process.Kill()
				_ = edge.Wait() // killed
			})
			addr, err := bufio.NewReader(out).ReadString('\n')
			e.Setenv("EDGE", strings.TrimSpace(addr))
			return err
		},
	})
}

// within looks whether conform, as it says in the first file, knows each command, and
// each of its flags, in the second.
func within(ts *testscript.TestScript, neg bool, args []string) {
	known := map[string][]string{} // flags by command
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if text, ok := strings.CutPrefix(line, "ok  "); ok {
			name, flags, _ := strings.Cut(text, "--")
			name = strings.Join(strings.Fields(name), " ")
			known[name] = append(known[name], strings.Fields(strings.ReplaceAll("--"+flags, "=", ""))...)
		}
	}
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		words := strings.Fields(line)
		name := words[0]
		if known[name] == nil {
			name += " " + words[1]
		}
		for _, word := range words {
			flag, _, _ := strings.Cut(word, "=")
			if known[name] == nil || strings.HasPrefix(flag, "--") && !slices.Contains(known[name], flag) {
				ts.Fatalf("conform does not know %s in: %s", flag, line)
			}
		}
	}
}
