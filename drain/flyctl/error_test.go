package flyctl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What flyctl v0.4.87 gives as its reason, as a real one printed it or as its
// source has it.
var reasons = []struct {
	kind   error
	reason string
}{
	{ErrUnauthorized, "no access token available. Please login with 'flyctl auth login'"},
	{ErrUnauthorized, "failed to list VMs: unauthorized (Request ID: 01K00000000000000000017358-iad)"},
	{ErrUnauthorized, "failed to list VMs: request returned non-2xx status: 401: nope (Request ID: 01K00000000000000000017338-iad)"},
	{ErrUnauthorized, "failed to list VMs: request returned non-2xx status: 403: <html>"},
	{ErrUnauthorized, "failed to list VMs: forbidden (Request ID: 01K00000000000000000017339-iad)"},
	{ErrUnauthorized, "failed to obtain lease: failed to get lease on VM 01781000001eef: unauthorized (Request ID: 01K000000000000000000173D5-iad)"},
	{ErrUnauthorized, "could not get app 'my-app': server returned a non-200 status code: 401"},
	{ErrUnauthorized, "failed to set release status to 'running': failed to update release (status 403): <html>"},
	{ErrUnauthorized, "You must be authenticated to view this."},
	{ErrUnauthorized, "Not authorized to access this app"},
	{ErrUnauthorized, "update secrets: failed to fetch discharge tokens: tp error (401): unauthorized"},
	{ErrUnauthorized, "error listing active machines for my-app app: failed to list VMs: unauthorized (Request ID: 01K0-iad) (Trace ID: fc0c8a6bb7b181e8e5a37c3f4590567f)"},

	{ErrAppNotFound, "failed to list VMs: app not found (Request ID: 01K00000000000000000017349-iad)"},
	{ErrAppNotFound, "could not get machine 01781000001eef: failed to get VM 01781000001eef: app not found (Request ID: 01K0-iad)"},
	{ErrAppNotFound, "the app name my-app could not be found, did you create the app or misspell it in the fly.toml file or via -a?"},
	{ErrAppNotFound, `Could not find App "nope"`},

	{ErrMachineNotFound, "machine nope123 was not found in app 'my-app'"},
	{ErrMachineNotFound, "machine 01781000001eef has already been destroyed"},
	{ErrMachineNotFound, "failed to obtain lease: failed to get lease on VM 01781000001eef: machine not found"},
	{ErrMachineNotFound, "machine 01781000001eef was not found in app 'forbidden-eof'"}, // an app's name is not a reason

	{ErrMachineState, "machine 01781000013556 currently started, either stop first or use --force flag"},
	{ErrMachineState, "could not exec command on machine 01781000001eef: failed to exec on VM 01781000001eef: failed_precondition: machine not running"},
	{ErrMachineState, "machine 01781000013556 is in a created state and cannot be destroyed since it is not stopped or suspended, either stop first or use --force flag"},

	{ErrImageNotFound, `failed to fetch an image or build from source: could not find image "registry.fly.io/my-app:missing"`},
	{ErrImageNotFound, "failed to fetch an image or build from source: Could not find image"},
	{ErrImageNotFound, "failed to launch VM: MANIFEST_UNKNOWN: manifest unknown; unknown tag=v2"},

	{ErrNoConfig, "No local fly.toml found"},
	{ErrNoConfig, "config file not found at specified path: nope.toml (also tried: nope.toml/fly.toml)"},
	{ErrNoConfig, "failed loading app config from /app/fly.toml: row 2 column 5"},
	{ErrNoConfig, "App configuration is not valid"},

	{ErrLeaseHeld, "failed to obtain lease: failed to get lease on VM 01781000017334: lease currently held by test@example.com"},
	{ErrLeaseHeld, "failed to launch VM: machine ID 3d8d413b29d089 lease currently held by someone, expires at 2026-11-22T19:33:16Z"},

	{ErrLeaseHeld, "failed to obtain lease: failed to get lease on VM 01781000001eef: resource_exhausted: rate limit exceeded (Request ID: 01K0-iad)"},
	{ErrLeaseHeld, "failed to obtain lease: failed to get lease on VM 01781000001eef: request returned non-2xx status: 429: <html>"},

	{ErrRateLimited, "failed to create release (status 429): x"},
	{ErrRateLimited, "failed to list VMs: resource_exhausted: rate limit exceeded (Request ID: 01K0000000000000000003632C-iad)"},
	{ErrRateLimited, "failed to cordon VM: request returned non-2xx status: 429: slow down"},
	{ErrRateLimited, "failed to list VMs: Too Many Requests"},

	{ErrTransient, "failed to list VMs: request returned non-2xx status: 503: <html>"},
	{ErrTransient, "failed to list VMs: request returned non-2xx status: 504: gateway"},
	{ErrTransient, "failed to list VMs: request returned non-2xx status: 408: "},
	{ErrTransient, "failed to obtain lease: failed to get lease on VM 01781000001eef: unavailable: no flaps"},
	{ErrTransient, "failed to list VMs: internal: server error (Request ID: 01K0-iad)"},
	{ErrTransient, "failed to list VMs: failed decoding response: invalid character '<' looking for beginning of value"},
	{ErrTransient, "failed to update release (status 504): "},
	{ErrTransient, "could not get app 'my-app': server returned a non-200 status code: 503"},
	{ErrTransient, `failed to launch VM: Post "http://x": net/http: HTTP/1.x transport connection broken: http: ContentLength=902 with Body length 0`},
	{ErrTransient, `failed to list VMs: Get "http://x": dial tcp 127.0.0.1:1: connect: connection refused`},
	{ErrTransient, "failed to list VMs: internal server error (Request ID: 01K0000000000000000001733E-iad)"},
	{ErrTransient, `failed to list VMs: Get "http://127.0.0.1:4390/v1/apps/my-app/machines": read tcp 127.0.0.1:60276->127.0.0.1:4390: read: connection reset by peer`},
	{ErrTransient, `failed to list VMs: Get "http://127.0.0.1:4390/v1/apps/my-app/machines": EOF`},
	{ErrTransient, "failed to list VMs: failed decoding response: unexpected EOF"},
	{ErrTransient, `failed to list VMs: Get "https://api.machines.dev/v1/": dial tcp: lookup api.machines.dev: no such host`},
	{ErrTransient, "failed to exec on VM 01781000001eef: deadline_exceeded: request timed out"},
	{ErrTransient, "context deadline exceeded"},
	{ErrTransient, "failed to fetch an image or build from source: error connecting to builder: i/o timeout"}, // not a missing image

	{ErrUsage, "accepts between 0 and 1 arg(s), received 2"},
	{ErrUsage, "yes flag must be specified when not running interactively"},
	{ErrUsage, "unknown flag: --bogus"},
	{ErrUsage, "a machine ID must be specified when not running interactively"},

	{nil, "failed to list VMs: API returned unexpected status, 302"},
	{ErrTransient, "could not start machine 01781000001eef: failed to start VM 01781000001eef: failed_precondition: unable to start machine from current state: 'replacing'"},
	{nil, "could not start machine 01781000001eef: failed to start VM 01781000001eef: failed_precondition: unable to start machine from current state: 'destroying'"},
	{ErrMachineState, "could not destroy machine 01781000001eef: failed to destroy VM 01781000001eef: failed_precondition: unable to destroy machine, not currently stopped, suspended or failed"},
	{nil, "failed to launch VM: To create more than 1 machine per app please add a payment method. https://fly.io/dashboard/personal/billing"},
	{nil, "failed to cordon VM: injected fault"},
	{nil, "failed to obtain lease: failed to get lease on VM 01781000001eef: injected fault"}, // whose lease?
	{nil, "failed to list VMs:  (Request ID: 01K0000000000000000001733D-iad)"},
	{nil, "failed to list VMs: request returned non-2xx status: 404: 404 page not found"},
	{nil, "could not get machine 01781000001eef: failed to get VM 01781000001eef: request returned non-2xx status: 404: 404 page not found"},
	{nil, "failed to fetch an image or build from source: error building: failed to solve: process \"/bin/sh -c false\" did not complete successfully: exit code: 1"},
	{nil, "could not start machine due to lack of capacity. Try 'flyctl machine clone 01781000001eef -a my-app'"},
	{nil, "app can't undergo bluegreen deployment due to org limits"},
	{nil, "timeout reached waiting for health checks to pass for machine 0178100003dde0: failed to get VM 0178100003dde0: Get \"http://x\": net/http: request canceled"},
}

func TestEachReasonIsToldApart(t *testing.T) {
	for _, tc := range reasons {
		t.Run(tc.reason, func(t *testing.T) {
			err := newError("my-app", call{}, failed(tc.reason), nil)
			wantKind(t, err, tc.kind)
			if err.ExitCode != 1 || err.Message != strings.Join(strings.Fields(tc.reason), " ") {
				t.Errorf("exit code %d, message %q", err.ExitCode, err.Message)
			}
		})
	}
}

// A name is not a meaning.
func TestAReasonIsToldWithoutTheNamesInIt(t *testing.T) {
	for _, app := range []string{"rate-limiter", "unavailable-web", "forbidden-api", "app-not-found"} {
		for reason, kind := range map[string]error{
			"could not start machine due to lack of capacity. Try 'flyctl machine clone 01781000001eef -a " + app + "'": nil,
			"failed to get app " + app + ": request returned non-2xx status: 503":                                       ErrTransient,
		} {
			wantKind(t, newError(app, call{}, failed(reason), nil), kind)
			wantKind(t, newError("", call{args: []string{"machine", "clone", "--app", app}}, failed(reason), nil), kind)
		}
	}
	image := "registry.fly.io/my-app:rate-limit"
	wantKind(t, newError("my-app", call{args: []string{"deploy", "--image", image}}, failed("cannot run "+image), nil), nil)
}

func TestTheRecordedFailuresAreToldApart(t *testing.T) {
	for title, kind := range map[string]error{
		"an app that does not exist":               ErrAppNotFound,
		"cordon an unknown machine":                ErrMachineNotFound,
		"destroy a started machine":                ErrMachineState,
		"another client holds the machine's lease": ErrLeaseHeld,
		"no token":                             ErrUnauthorized,
		"the API answers 500 to a cordon":      nil, // only the API's own words
		"the API answers 429 to a list":        nil,
		"green never becomes healthy":          nil,
		"step 5 as the thread spells it":       ErrUsage,
		"update without --yes, not a terminal": ErrUsage,
	} {
		t.Run(title, func(t *testing.T) { wantKind(t, newError("my-app", call{}, transcript(t, title), nil), kind) })
	}
}

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

func TestExitCodesTellWhatFlyctlDoesNotSay(t *testing.T) {
	for _, tc := range []struct {
		code   int
		stderr string
		kind   error
	}{
		{127, "", ErrInterrupted},
		{127, "==> Verifying app config\n", ErrInterrupted},
		{127, "Error: app not found\n", ErrAppNotFound},
		{127, "Error: odd words\n", nil},
		{126, "Error: waiting for it: context deadline exceeded\n", ErrTransient},
		{126, "Error: took too long\n", ErrTransient},
		{126, "sh: 1: flyctl: Permission denied\n", nil},
		{3, "Oops, something went wrong!\n", nil},
		{1, "", nil},
	} {
		err := newError("my-app", call{args: []string{"version"}}, Result{ExitCode: tc.code, Stderr: []byte(tc.stderr)}, nil)
		wantKind(t, err, tc.kind)
		if err.ExitCode != tc.code {
			t.Errorf("exit code %d", err.ExitCode)
		}
		if err.Message == "" && (!strings.Contains(err.Error(), fmt.Sprint(tc.code)) || !strings.Contains(err.Error(), strings.TrimSpace(tc.stderr))) {
			t.Errorf("the message tells nothing: %v", err)
		}
	}
}

func TestAnErrorSaysWhatWasRunWhyItFailedAndWhatToDo(t *testing.T) {
	c, _ := client(saying(transcript(t, "no token")))
	err := c.Cordon(t.Context(), one)
	want := "flyctl machine cordon " + one + " --app my-app: no access token available. Please login with 'flyctl auth login': " + advice[ErrUnauthorized]
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	var e *Error
	if !errors.As(err, &e) || e.App != "my-app" || e.Machine != one || e.ExitCode != 1 || !strings.HasPrefix(e.Stderr, "Error: no access") {
		t.Errorf("got %#v", e)
	}
}

func TestAnErrorKeepsItsCause(t *testing.T) {
	boom := errors.New("boom")
	for _, tc := range []struct{ cause, kind error }{
		{boom, nil},
		{fmt.Errorf("%w: starting x", ErrNotInstalled), ErrNotInstalled},
		{context.Canceled, nil},
	} {
		c, f := client(func(int, Command) (Result, error) {
			return Result{Stderr: []byte("Waiting on lease\n")}, tc.cause
		})
		err := c.Cordon(t.Context(), one)
		var e *Error
		if !errors.Is(err, tc.cause) || !errors.As(err, &e) || e.Kind != tc.kind || e.ExitCode != -1 || e.Stderr == "" {
			t.Errorf("%v: got %#v", tc.cause, err)
		}
		if !strings.Contains(err.Error(), tc.cause.Error()) || f.count() != 1 {
			t.Errorf("%v: after %d runs: %v", tc.cause, f.count(), err)
		}
	}
}

func TestAnInterruptKeepsWhatFlyctlHadSaid(t *testing.T) {
	stop := errors.New("SIGTERM")
	ctx, cancel := context.WithCancelCause(t.Context())
	c, f := client(func(int, Command) (Result, error) {
		cancel(stop)
		return Result{Stderr: []byte("Error: failed to cordon VM: EOF\n")}, context.Cause(ctx)
	})
	err := c.Cordon(ctx, one)
	if !errors.Is(err, stop) || !strings.Contains(err.Error(), "failed to cordon VM: EOF (SIGTERM)") || f.count() != 1 {
		t.Errorf("after %d runs: %v", f.count(), err)
	}
}

func TestAfterAnInterruptNobodyIsToldOfAnotherTry(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, f := client(func(int, Command) (Result, error) {
		cancel() // and flyctl fails by itself
		return failed("request returned non-2xx status: 500: x"), nil
	})
	c.Notify = func(err error, wait time.Duration) { t.Errorf("told of %v, %v", err, wait) }
	wantKind(t, c.Cordon(ctx, one), ErrTransient)
	if f.count() != 1 {
		t.Errorf("it ran %d times", f.count())
	}
}

func TestAnInterruptWhileWaitingToTryAgainKeepsBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("SIGTERM")
		ctx, cancel := context.WithCancelCause(t.Context())
		c, f := client(saying(transcript(t, "another client holds the machine's lease")))
		go func() {
			synctest.Wait() // until it waits to try again
			cancel(stop)
		}()
		err := c.Cordon(ctx, one)
		if !errors.Is(err, stop) || !errors.Is(err, ErrLeaseHeld) || !strings.Contains(err.Error(), "test@example.com") || f.count() != 1 {
			t.Errorf("after %d runs: %v", f.count(), err)
		}
	})
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

func TestAThousandExclusionsDoNotBuryTheReason(t *testing.T) {
	c, _ := client(saying(failed("App configuration is not valid")))
	err := c.Deploy(t.Context(), DeployOptions{Image: image, ExcludeMachines: manyIDs(1000)})
	if err == nil || len(err.Error()) > 400 || !strings.Contains(err.Error(), "App configuration is not valid") {
		t.Errorf("got %v", err)
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
