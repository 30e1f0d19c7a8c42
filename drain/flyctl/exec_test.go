package flyctl

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestExecArgumentsKeepTheCommandInOne(t *testing.T) {
	c, f := client(saying(printed("{}")))
	_, err := c.Exec(t.Context(), one, "", "cat /proc/net/tcp", 0)
	if args := f.calls[0].Args; err != nil || !slices.Equal(args, []string{"machine", "exec", one, "cat /proc/net/tcp", "--json", "--app", "my-app"}) {
		t.Errorf("got %q, %v", args, err)
	}
}

func TestExecNamesTheContainerAndTheTimeInWholeSeconds(t *testing.T) {
	c, f := client(saying(printed("{}")))
	_, err := c.Exec(t.Context(), one, "web", "true", 1500*time.Millisecond)
	if args := f.calls[0].Args; err != nil || !slices.Equal(args, []string{"machine", "exec", one, "true", "--json", "--app", "my-app", "--timeout", "2", "--container", "web"}) {
		t.Errorf("got %q, %v", args, err)
	}
	for _, name := range []string{"-web", "--app", "web app", "web\x00"} {
		c, f := client(saying(Result{}))
		_, err := c.Exec(t.Context(), one, name, "true", 0)
		refused(t, f, err)
	}
}

func TestExecGivesWhatTheCommandPrinted(t *testing.T) {
	c, _ := client(saying(transcript(t, "exec, json")))
	got, err := c.Exec(t.Context(), one, "", "cat /proc/net/tcp", 0)
	if err != nil || got.ExitCode != 0 || !bytes.HasPrefix(got.Stdout, []byte("  sl  local_address")) || bytes.Count(got.Stdout, []byte("\n")) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestACommandThatFailedIsAnAnswerAndNoError(t *testing.T) {
	c, f := client(saying(printed(`{"exit_code": 127, "stderr": "exec: \"nope\": executable file not found in $PATH"}`)))
	got, err := c.Exec(t.Context(), one, "", "nope", 0)
	if err != nil || got.ExitCode != 127 || len(got.Stdout) > 0 || !strings.Contains(string(got.Stderr), "not found in $PATH") || f.count() != 1 {
		t.Errorf("got %+v after %d runs: %v", got, f.count(), err)
	}
}

func TestAnAnswerThatIsCutOffIsNotAnEmptyOne(t *testing.T) {
	for _, out := range []string{"", "null", "[]", `{"stdout": "  sl`, `{"exit_code": "0"}`, "cat: hello"} {
		synctest.Test(t, func(t *testing.T) {
			c, f := client(saying(printed(out)))
			got, err := c.Exec(t.Context(), one, "", "cat /proc/net/tcp", 0)
			wantKind(t, err, ErrBadOutput)
			if got.ExitCode != 0 || len(got.Stdout)+len(got.Stderr) > 0 || f.count() != retryUnknown {
				t.Errorf("%q: got %+v after %d runs", out, got, f.count())
			}
		})
	}
}

func TestAnExecWithHostileWordsIsRefused(t *testing.T) {
	c, f := client(saying(Result{}))
	for _, command := range []string{"", " ", "--json", "-x", "cat\x00", "cat\n/x", "\x1b[31mcat", "cat\t/x"} {
		_, err := c.Exec(t.Context(), one, "", command, 0)
		refused(t, f, err)
	}
	for _, s := range hostile {
		_, err := c.Exec(t.Context(), s, "", "true", 0)
		refused(t, f, err)
	}
}

func FuzzParseExec(f *testing.F) {
	f.Add(transcript(f, "exec, json").Stdout)
	for _, s := range []string{"{}", "null", "[]", `{"exit_code":-1}`, `{"stdout":"\ud800"}`, `{"exit_code":99999999999999999999}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseExec(Result{Stdout: data})
		if err == nil && !json.Valid(data) {
			t.Fatal("that was no JSON")
		}
		if err != nil && (!errors.Is(err, ErrBadOutput) || got.ExitCode != 0 || len(got.Stdout)+len(got.Stderr) > 0) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}
