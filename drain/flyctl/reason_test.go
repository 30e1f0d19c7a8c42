package flyctl

import (
	"errors"
	"strings"
	"testing"
)

func TestABodyOfManyLinesIsToldByItsFirst(t *testing.T) {
	err := newError("my-app", call{}, failed("failed to list VMs: request returned non-2xx status: 503: <html>\n<h1>403 forbidden, app not found</h1>\n</html>"), nil)
	wantKind(t, err, ErrTransient)
	if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "<html> <h1>403") {
		t.Errorf("it is not on one line: %q", err)
	}
}

func TestAQueryDoesNotBuryTheReason(t *testing.T) {
	query := "($appName: String!) { app(name: $appName) { " + strings.Repeat("unauthorized ", 100) + "} }"
	err := newError("my-app", call{}, failed("could not get app 'my-app': failed to run query "+query+": server returned a non-200 status code: 503"), nil)
	wantKind(t, err, ErrTransient)
	if want := "could not get app 'my-app': failed to run query: server returned a non-200 status code: 503"; err.Message != want {
		t.Errorf("got %q", err.Message)
	}
}

func TestTheLastErrorLineIsFlyctls(t *testing.T) {
	stderr := "#7 Error: not this\nError: npm failed\n==> more\n\x1b[31mError: \x1b[0mfailed to list VMs: app not found\nView more information at https://fly.io\n"
	err := newError("my-app", call{}, Result{ExitCode: 1, Stderr: []byte(stderr)}, nil)
	wantKind(t, err, ErrAppNotFound)
	if !strings.HasPrefix(err.Message, "failed to list VMs: app not found View more") {
		t.Errorf("got %q", err.Message)
	}
	if err := newError("my-app", call{}, Result{ExitCode: 1, Stderr: []byte("#7 Error: app not found\n")}, nil); err.Message != "" || err.Kind != nil {
		t.Errorf("a line of a build is taken for flyctl's: %q", err.Message)
	}
}

func TestOnlyTheEndOfALongTalkIsKept(t *testing.T) {
	long := strings.Repeat("é é\n", 1<<20) + "Error: " + strings.Repeat("ü", 10_000)
	err := newError("my-app", call{}, Result{ExitCode: 1, Stderr: []byte(long)}, nil)
	if len(err.Stderr) > stderrTail || len(err.Message) > messageLength+len("…") || strings.Contains(err.Message+err.Stderr, "\ufffd") {
		t.Errorf("%d and %d bytes", len(err.Stderr), len(err.Message))
	}
	if !strings.HasPrefix(err.Message, "üü") || !strings.HasSuffix(err.Stderr, "üü") {
		t.Error("they are not what they should be")
	}
}

func TestWhatIsWrongWithAFlyTomlIsInTheMessageThoughFlyctlListsItOnStandardOutput(t *testing.T) {
	res := failed("App configuration is not valid")
	res.Stdout = []byte("==> Verifying app config\nValidating /app/fly.toml\n\x1b[31m✘\x1b[0m Service has no processes set\n✘ it is FlyV1 fm2_lJPECAAAAAAAAAAAxBCabcdefghijklmnopqrstuv too\n")
	err := newError("my-app", call{}, res, nil)
	if want := "App configuration is not valid: ✘ Service has no processes set ✘ it is"; !strings.HasPrefix(err.Message, want) || strings.Contains(err.Message, "fm2_lJPE") {
		t.Errorf("%q, want %q", err.Message, want)
	}
	if !errors.Is(err, ErrNoConfig) {
		t.Errorf("the kind is %v", err.Kind)
	}
}

func TestAFlyctlThatCrashesSaysSo(t *testing.T) {
	const trace = "\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:3 +0x1d\n"
	for name, tc := range map[string]struct {
		res  Result
		want string // "" is the usual reason
	}{
		"by itself":             {Result{ExitCode: 2, Stderr: []byte("==> Building image\npanic: runtime error: index out of range [3]\n\tpanic: again" + trace)}, "flyctl crashed: runtime error: index out of range [3]: "},
		"after signal":          {Result{ExitCode: 2, Stderr: []byte("panic: nil pointer\n[signal SIGSEGV: segmentation violation]" + trace)}, "flyctl crashed: nil pointer: "},
		"of the runtime":        {Result{ExitCode: 2, Stderr: []byte("fatal error: concurrent map writes" + trace)}, "flyctl crashed: concurrent map writes: "},
		"as it catches it":      {Result{ExitCode: 3, Stdout: []byte("Oops, something went wrong! Could you try that again?\n\nruntime error: nil map\ngoroutine 1 [running]:\nx\n")}, "flyctl crashed: runtime error: nil map: "},
		"a program in a build":  {Result{ExitCode: 1, Stderr: []byte("#7 0.2 panic: oh\n#7 0.2 goroutine 1 [running]:\nError: failed to build: unauthorized\n")}, ""},
		"on the other stream":   {Result{ExitCode: 1, Stdout: []byte("panic: oh" + trace), Stderr: []byte("Error: failed to build: unauthorized\n")}, ""},
		"the kind is not known": {Result{ExitCode: 2, Stderr: []byte("Error: unauthorized\npanic: oh" + trace)}, "flyctl crashed: oh: "},
	} {
		c, _ := client(saying(tc.res))
		_, err := c.Build(t.Context(), "v2")
		text := err.Error()
		if tc.want != "" && (!strings.HasSuffix(text, ": "+tc.want+"this is a bug of flyctl: try another version of it") || errors.Is(err, ErrUnauthorized)) {
			t.Errorf("%s: %s", name, text)
		}
		if tc.want == "" && (strings.Contains(text, "crashed") || !errors.Is(err, ErrUnauthorized)) {
			t.Errorf("%s: %s", name, text)
		}
		if strings.Contains(text, "goroutine") {
			t.Errorf("%s: the trace is in the error: %s", name, text)
		}
	}
}
