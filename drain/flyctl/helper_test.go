package flyctl

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a flyctl in the same process: it notes what it is asked and answers.
type fake struct {
	mu     sync.Mutex
	calls  []Command
	at     []time.Time
	answer func(n int, cmd Command) (Result, error) // n counts from 1
}

func (f *fake) run(_ context.Context, cmd Command) (Result, error) {
	f.mu.Lock()
	f.calls, f.at = append(f.calls, cmd), append(f.at, time.Now())
	n := len(f.calls)
	f.mu.Unlock()
	return f.answer(n, cmd)
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

// client returns a client for my-app that asks a fake, which answers everything like this.
func client(answer func(n int, cmd Command) (Result, error)) (*Client, *fake) {
	f := &fake{answer: answer}
	return &Client{App: "my-app", Run: f.run}, f
}

// saying answers everything with one result.
func saying(res Result) func(int, Command) (Result, error) {
	return func(int, Command) (Result, error) { return res, nil }
}

func printed(stdout string) Result { return Result{Stdout: []byte(stdout)} }

// failed is a flyctl that ends with this reason.
func failed(reason string) Result {
	return Result{ExitCode: 1, Stderr: []byte("Error: " + reason + "\n")}
}

// transcript returns what a real flyctl once printed, by the title that the
// recording has.
func transcript(t testing.TB, title string) Result {
	t.Helper()
	data, err := os.ReadFile("../../testdata/flyctl/transcripts.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(data), "\n### "+title)
	if !ok {
		t.Fatalf("there is no transcript %q", title)
	}
	section, _, _ = strings.Cut(section, "\n### ")
	var res Result
	exit := false
	for line := range strings.Lines(section) {
		if after, ok := strings.CutPrefix(line, "[exit "); ok {
			code, _, _ := strings.Cut(after, "]")
			if res.ExitCode, err = strconv.Atoi(code); err != nil {
				t.Fatal(err)
			}
			exit = true
		}
		if after, ok := strings.CutPrefix(line, "out| "); ok {
			res.Stdout = append(res.Stdout, after...)
		}
		if after, ok := strings.CutPrefix(line, "err| "); ok {
			res.Stderr = append(res.Stderr, after...)
		}
	}
	if !exit {
		t.Fatalf("the transcript %q has no exit code", title)
	}
	return res
}

func recordedList(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../../testdata/flyctl/machine-list.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wantArgs compares an argument vector with one that is written as a person
// would type it; want is split at blanks.
func wantArgs(t *testing.T, got []string, want string) {
	t.Helper()
	if !slices.Equal(got, strings.Fields(want)) {
		t.Errorf("got  %q\nwant %q", got, strings.Fields(want))
	}
}

// wantKind tells an error's kind apart from all others, not only from none.
func wantKind(t *testing.T, err, want error) {
	t.Helper()
	for _, kind := range allKinds {
		if got := errors.Is(err, kind); got != (kind == want) {
			t.Errorf("is it %q? got %v: %v", kind, got, err)
		}
	}
}

// refused checks that a call is a mistake that is seen before anything runs.
func refused(t *testing.T, f *fake, err error) {
	t.Helper()
	if !errors.Is(err, ErrUsage) {
		t.Errorf("want a usage error, got %v", err)
	}
	if n := f.count(); n > 0 {
		t.Errorf("flyctl ran %d times: %q", n, f.calls[0].Args)
	}
	if err != nil && strings.ContainsAny(err.Error(), "\x00\x1b\n\r") {
		t.Errorf("the message has the hostile bytes in it: %q", err)
	}
}

// hostile are texts that have no place in an argument vector.
var hostile = []string{"", " ", "-", "--force", "-rf", "a b", "abcd ", " abcd", "abcd\n", "ab\ncd", "abcd\x00", "\x1b[31mabcd", "abcd\t",
	"äbcd", "abcd,efgh", "abcd;ls", "$(abcd)", "abcd\u202e", strings.Repeat("a", 600)}

const (
	one = "01781000001eef"
	two = "01781000003dde"
)
