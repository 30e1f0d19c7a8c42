package view_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/view"
)

// chat is a release of an app with two machines, without a fly.toml. Its events are
// printed.
func chat() drain.Release {
	w := draintest.New(time.Now())
	w.Latency, w.LimitsOff = 0, true
	if err := w.AddApp("chat", "app=iad:2"); err != nil {
		panic(err)
	}
	r := drain.New("chat")
	r.Apps[0].Dir = "testdata" // which has none
	r.Flyctl, r.ListEvery = draintest.NewFly(w).Runner(), time.Millisecond
	r.Events = func(e drain.Event) { fmt.Println("own listener:", e.Kind) }
	return r
}

func interrupt() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Signal(os.Interrupt)
	}
	if err != nil {
		panic(err)
	}
}

// programs are deploy scripts. Each is run as a process of its own.
var programs = map[string]func() int{
	"deploy": func() int { return view.Deploy(chat()) },
	"usage":  func() int { return view.Deploy(drain.New("-x")) },
	"panic": func() int {
		return view.Run(chat(), func(drain.Release, context.Context) (drain.Report, error) { panic("boom\x1b[2J!") })
	},
	"events panic": func() int {
		r := chat()
		r.Events = func(drain.Event) { panic("boom\x1b[2J!") }
		return view.Deploy(r)
	},
	"interrupt": func() int {
		return view.Run(chat(), func(r drain.Release, ctx context.Context) (drain.Report, error) {
			interrupt()
			<-ctx.Done()
			return drain.Report{Result: drain.ResultFailed}, context.Cause(ctx)
		})
	},
	"interrupt twice": func() int {
		return view.Run(chat(), func(r drain.Release, ctx context.Context) (drain.Report, error) {
			interrupt()
			<-ctx.Done()
			interrupt()
			select {} // two are enough
		})
	},
	"nobody reads": func() int {
		return view.Run(chat(), func(drain.Release, context.Context) (drain.Report, error) {
			for range 3 {
				fmt.Fprintln(os.Stderr, "anything")
			}
			return drain.Report{Result: drain.ResultDraining}, nil
		})
	},
	"steps": func() int {
		return view.Steps(chat(), func(_ context.Context, s *drain.Steps) error { return drain.Run(s.Blue().First(1), s.Cordon) })
	},
	"steps fail": func() int {
		return view.Steps(chat(), func(_ context.Context, s *drain.Steps) error { return drain.Run(s.Blue(), s.Cordon) })
	},
	"steps usage": func() int {
		return view.Steps(drain.New(), func(_ context.Context, s *drain.Steps) error { return drain.Run(s.Blue()) })
	},
	"steps panic": func() int { return view.Steps(chat(), func(context.Context, *drain.Steps) error { panic("boom") }) },
}

const program = "VIEW_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if run := programs[os.Getenv(program)]; run != nil {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

func command(name string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), program+"="+name, "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY=")
	return cmd
}

func TestAProgramEndsWithTheExitCodeAndTheLastLineOfItsResult(t *testing.T) {
	for name, want := range map[string]struct {
		code  int
		lines []string // some of the lines on stderr; the last one is the last
	}{
		"deploy":       {1, []string{"error: check: ", "failed: chat: nothing was changed"}},
		"usage":        {2, []string{"error: wrong usage: ", "wrong usage: nothing was begun"}},
		"panic":        {5, []string{"  goroutine ", "error: this is a bug in the program: boom!", "a person is needed: chat; next: deploy -app chat -resume"}},
		"events panic": {5, []string{"  goroutine ", "error: this is a bug in the program: Events panicked: boom! (run_test.go:", "a person is needed: chat; next: deploy -app chat -resume"}},
		"interrupt":    {1, []string{"failed: "}},
		"steps fail":   {1, []string{"error: refused: cordoning 2 machines of chat "}},
		"steps usage":  {2, []string{"error: wrong usage: a release without apps"}},
		"steps panic":  {5, []string{"  goroutine ", "error: this is a bug in the program: boom", "a person is needed: chat; next: deploy -app chat -resume"}},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.HasPrefix(name, "interrupt") {
				t.Skip("a program cannot interrupt itself there")
			}
			var stderr strings.Builder
			cmd := command(name)
			cmd.Stderr = &stderr
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != want.code {
				t.Errorf("exit code %d, want %d", code, want.code)
			}
			lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
			at := -1
			for _, line := range want.lines {
				at = slices.IndexFunc(lines, func(have string) bool { return strings.HasPrefix(have, line) })
				if at < 0 {
					t.Errorf("no line %q", line)
				}
			}
			if at != len(lines)-1 {
				t.Errorf("it ends with %q", lines[len(lines)-1])
			}
			if name == "interrupt" && len(lines) != 1 {
				t.Errorf("an interrupt leaves more than the last line: %q", lines)
			}
			if t.Failed() || strings.Contains(stderr.String(), "\x1b") {
				t.Errorf("%s", stderr.String())
			}
		})
	}
}

func TestAScriptOfOneLineThatIsGivenArgumentsReleasesNothing(t *testing.T) {
	cmd := command("deploy")
	cmd.Args = append(cmd.Args, "-plan")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || string(out) != "error: this script takes no arguments; nothing was run\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestARunTellsTheReleasesOwnListener(t *testing.T) {
	for name, want := range map[string]string{"deploy": "own listener: outcome\n", "steps": "own listener: cordoned\n"} {
		out, _ := command(name).Output()
		if !strings.Contains(string(out), want) {
			t.Errorf("%s: no %q in %q", name, want, out)
		}
	}
}

func TestStepsShowLogLinesAndNothingElse(t *testing.T) {
	var stderr strings.Builder
	cmd := command("steps")
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, " INFO cordoned app=chat machine=17810000000001 ") {
		t.Errorf("%q", got)
	}
}

func TestAReleaseContinuesWhenNobodyReadsItsOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := command("nobody reads")
	cmd.Stdout, cmd.Stderr = io.Discard, w
	if err := errors.Join(r.Close(), cmd.Start(), w.Close()); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		t.Errorf("%v, want exit code 3", cmd.ProcessState)
	}
}
