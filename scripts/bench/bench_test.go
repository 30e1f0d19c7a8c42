package main

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(socketVariable) != "" {
		os.Exit(beFlyctl(os.Args[1:]))
	}
	_ = os.Unsetenv("GOGC") // of whoever runs the test: it decides what flyctl is run with
	os.Exit(m.Run())
}

func TestOursCutsNothingAndKeepsToItsLimits(t *testing.T) {
	needsShell(t)
	rows, err := bench(t, []int{5, 20}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range missed(rows) {
		t.Error(err)
	}
	text := report(rows, []day{{machines: 5, sockets: perHour{commands: 428.2}}})
	for _, part := range []string{
		"| 5 | the thread's commands | ", "| 20 | flyctl's bluegreen ¹ | ", "| 20 | `drain.Release` | 0 | 100 % | ",
		"| 5 | 428 | 0 | 0 | 0 | 0 |\n", "title \"time to cutover, s\"\n    x-axis \"machines\" [\"5\", \"20\"]\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

func needsShell(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each flyctl sleeps a second under -race
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the thread's commands are for a Unix shell")
	}
}
