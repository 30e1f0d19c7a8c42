//go:build unix

package flyctl

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// plenty is for those that end on their interrupt, however slow the machine is.
const plenty = time.Minute

// fakeUnix are the fakes that only Unix has.
func fakeUnix(what string) int {
	switch what {
	case "group":
		_, _ = os.Stdout.WriteString(strconv.Itoa(os.Getpid()) + " " + strconv.Itoa(syscall.Getpgrp()))
		return 0
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "caller": // a program that uses this package, and dies
		env := fakeEnv("flyctl", "FAKE_ADDR="+os.Getenv("FAKE_ADDR"))
		_, _ = Exec(os.Args[0])(context.Background(), Command{Env: env})
	}
	return 1
}

func TestACancelInterruptsFlyctlAndLetsItEnd(t *testing.T) {
	res, _, hear, err := canceled(t, "flyctl", plenty)
	if !errors.Is(err, errStop) {
		t.Errorf("got %v", err)
	}
	if line, _ := hear(); line != "interrupted" {
		t.Errorf("it said %q", line)
	}
	if string(res.Stdout) != "begun\nReleasing lease\n" {
		t.Errorf("what it printed is lost: %q", res.Stdout)
	}
}

func TestACancelThatCameTooLateIsStillACancel(t *testing.T) {
	_, _, _, err := canceled(t, "finisher", plenty)
	if !errors.Is(err, errStop) {
		t.Errorf("what it did by then is unknown, and yet: %v", err)
	}
}

// behindAScript returns a script that runs the fake.
func behindAScript(t *testing.T) string {
	t.Helper()
	script := filepath.Join(t.TempDir(), "flyctl")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n\""+self(t)+"\" \"$@\"\nexit $?\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return script
}

func TestACancelReachesFlyctlBehindAScript(t *testing.T) {
	script := behindAScript(t)
	addr, hear := hearing(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error)
	go func() {
		_, err := Exec(script)(ctx, Command{Env: fakeEnv("flyctl", "FAKE_ADDR="+addr), Wait: plenty})
		done <- err
	}()
	hear()
	cancel(errStop)
	if line, _ := hear(); line != "interrupted" {
		t.Errorf("it said %q", line)
	}
	if err := <-done; !errors.Is(err, errStop) {
		t.Errorf("got %v", err)
	}
}

func TestFlyctlHasAProcessGroupOfItsOwn(t *testing.T) {
	res, err := Exec(self(t))(t.Context(), Command{Env: fakeEnv("group")})
	if err != nil {
		t.Fatal(err)
	}
	pid, group, _ := strings.Cut(string(res.Stdout), " ")
	if pid != group || group == strconv.Itoa(syscall.Getpgrp()) {
		t.Errorf("process %s is in group %s", pid, group)
	}
}

func TestOneThatIsKilledByOthersIsToldAsInterrupted(t *testing.T) {
	c := &Client{App: "my-app", Run: func(ctx context.Context, cmd Command) (Result, error) {
		cmd.Env = fakeEnv("killed")
		return Exec(self(t))(ctx, cmd)
	}}
	_, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
	wantKind(t, err, ErrInterrupted)
	var e *Error
	if !errors.As(err, &e) || e.ExitCode != -1 || !strings.Contains(err.Error(), "killed") {
		t.Errorf("got %#v", err)
	}
}

func TestAnInterruptFromOthersIsToldFromOurs(t *testing.T) {
	addr, hear := hearing(t)
	c := &Client{App: "my-app", Run: func(ctx context.Context, cmd Command) (Result, error) {
		cmd.Env = fakeEnv("flyctl", "FAKE_ADDR="+addr)
		return Exec(self(t))(ctx, cmd)
	}}
	done := make(chan error)
	go func() {
		_, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
		done <- err
	}()
	line, _ := hear()
	pid, err := strconv.Atoi(strings.TrimPrefix(line, "ready "))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err = <-done
	wantKind(t, err, ErrInterrupted)
	if errors.Is(err, context.Canceled) {
		t.Errorf("it looks like ours: %v", err)
	}
}

// On Linux only: elsewhere nothing ties a child to its parent.
func TestFlyctlEndsWithUs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can")
	}
	addr, hear := hearing(t)
	caller := exec.Command(self(t))
	caller.Env = append(os.Environ(), fakeEnv("caller", "FAKE_ADDR="+addr)...)
	if err := caller.Start(); err != nil {
		t.Fatal(err)
	}
	_, conn := hear()
	if err := caller.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = caller.Wait()
	gone(t, conn)
}
