package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

func TestMain(m *testing.M) {
	// The samples mostly wait; -parallel on the command line comes after this.
	_ = flag.Set("test.parallel", "16")
	testscript.Main(m, map[string]func(){"flyctl": draintest.Main, "flysim": draintest.Sim})
}

// TestProcessesThatDieAreRepairedByTheNextRun is a sample of the matrix with real processes and real signals:
// examples/deploy runs a simulated flyctl that hangs, dies there, and is run again.
func TestProcessesThatDieAreRepairedByTheNextRun(t *testing.T) {
	t.Parallel() // with TestMatrixIsAsItsTableSays, as these mostly wait
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, "../../examples/deploy").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const kill, intr, term = syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM
	for _, c := range []struct {
		command string // that hangs
		skip    int    // not the first of its calls
		after   bool   // its effect
		signal  syscall.Signal
		sample  bool // not only when FLYDRAIN_LONG is set
	}{
		{"machine list", 1, false, kill, false},
		{"deploy", 0, false, intr, true},
		{"deploy", 0, true, kill, false}, // what is killed may leave a cutover half done: the next run waits for 40 s
		{"machine clone", 0, true, kill, false},
		{"machine clone", 0, true, term, false},
		{"machine cordon", 0, false, kill, false},
		{"machine cordon", 1, true, term, false},
		{"machine uncordon", 0, true, kill, false},
		{"machine uncordon", 1, false, intr, false},
		{"machine cordon", 2, true, kill, false},
		{"machine cordon", 3, false, term, false},
		{"machine exec", 0, false, intr, false},
		{"machine stop", 0, true, kill, false},
		{"machine destroy", 0, true, kill, false},
	} {
		if !c.sample && !long() {
			continue
		}
		moment := "before"
		if c.after {
			moment = "after"
		}
		t.Run(fmt.Sprintf("%v %s %s %d", c.signal, moment, c.command, c.skip+1), func(t *testing.T) {
			t.Parallel()
			s := newSession(t, bin)
			s.sim("init -at now") // of a mark that is a day ahead of its machine nothing is believed
			s.sim("app my-app app=iad:2")
			s.sim("connect my-app 3 -lives 20s")
			s.sim(fmt.Sprintf("fault %s -hang -after-effect=%v -skip %d -times 1", c.command, c.after, c.skip))
			s.dies(c.signal)
			s.sim("faults")
			if code, talk := s.deploy("v3"); code != 0 {
				t.Errorf("the next run ended %d:\n%s", code, talk)
			}
			list := s.sim("list")
			if n := strings.Count(list, " started  open "); n != 2 || strings.Count(list, "\n") != 2 {
				t.Errorf("it left:\n%s", list)
			}
			if account := s.sim("account"); !strings.Contains(account, "refused 0  cut 0\n") {
				t.Error(account)
			}
			s.sim("breaches") // fails where there are any
		})
	}
}

// session is a folder with a simulated Fly, and programs that run in it.
type session struct {
	*testing.T
	bin, dir string
}

func newSession(t *testing.T, bin string) *session {
	s := &session{T: t, bin: bin, dir: t.TempDir()}
	toml, err := os.ReadFile("../../drain/draintest/testdata/fly.toml")
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, "fly.toml"), toml, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *session) command(ctx context.Context, name string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &out, &out
	cmd.Env = append(os.Environ(), "FLYDRAIN_SIM="+filepath.Join(s.dir, "sim"), "FLY_API_TOKEN=none", "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY=")
	return cmd, &out
}

// sim runs flysim, and returns what it prints.
func (s *session) sim(line string) string {
	s.Helper()
	cmd, out := s.command(s.Context(), "flysim", strings.Fields(line)...)
	if err := cmd.Run(); err != nil {
		s.Errorf("flysim %s: %v\n%s", line, err, out)
	}
	return out.String()
}

var quick = strings.Fields("-settle 0 -poll 10ms -confirm 0 -smoke 0 -propagation 0 -list-every 10ms -health-timeout 30s")

func (s *session) start(ctx context.Context, tag string) (*exec.Cmd, *bytes.Buffer) {
	s.Helper()
	args := append([]string{"-app", "my-app", "-image", image("my-app", tag)}, quick...)
	cmd, out := s.command(ctx, filepath.Join(s.bin, "deploy"), args...)
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	return cmd, out
}

// dies runs until flyctl hangs, and then ends the run by a signal.
func (s *session) dies(signal syscall.Signal) {
	s.Helper()
	cmd, out := s.start(s.Context(), "v2")
	s.sim("await hang")
	begun := time.Now()
	if err := cmd.Process.Signal(signal); err != nil {
		s.Fatal(err)
	}
	err := cmd.Wait()
	s.Logf("%v after %v: %v\n%s", signal, time.Since(begun).Round(time.Millisecond), err, out)
	if took := time.Since(begun); took > ciPatience {
		s.Errorf("it took %v to leave", took)
	}
}

// deploy runs to the end, and returns the exit code.
func (s *session) deploy(tag string) (int, string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 3*time.Minute)
	defer cancel()
	cmd, out := s.start(ctx, tag)
	_ = cmd.Wait() // the exit code says it all
	return cmd.ProcessState.ExitCode(), out.String()
}
