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

func TestAThousandExclusionsDoNotBuryTheReason(t *testing.T) {
	c, _ := client(saying(failed("App configuration is not valid")))
	err := c.Deploy(t.Context(), DeployOptions{Image: image, ExcludeMachines: manyIDs(1000)})
	if err == nil || len(err.Error()) > 400 || !strings.Contains(err.Error(), "App configuration is not valid") {
		t.Errorf("got %v", err)
	}
}
