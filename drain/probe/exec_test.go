package probe

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestACommandPrintsOneNumberOrNone(t *testing.T) {
	for out, want := range map[string]int{
		"0\n": 0, "7": 7, " 12 \r\n": 12, "007\n": 7, "2147483647\n": 1<<31 - 1,
		"": -1, "\n": -1, "-1\n": -1, "+1\n": -1, "1.0\n": -1, "1e3\n": -1, "0x10\n": -1, "1_000\n": -1, "٣\n": -1,
		"3 jobs\n": -1, "jobs: 3\n": -1, "1 2\n": -1, "1\n2\n": -1, "NaN\n": -1, "none\n": -1, "2147483648\n": -1, "99999999999999999999\n": -1,
		"(integer) 0\n": -1, "\x1b[32m0\x1b[0m\n": -1, "0\x00": -1,
	} {
		n, err := parseCount(out)
		if want < 0 && err == nil || want >= 0 && (err != nil || n != want) {
			t.Errorf("%q: %d, %v; want %d", out, n, err, want)
		}
	}
}

func FuzzParseCount(f *testing.F) {
	for _, out := range []string{"0\n", "12", "-1", "", "1 2", "0x1", "1e9"} {
		f.Add(out)
	}
	f.Fuzz(func(t *testing.T, out string) {
		n, err := parseCount(out)
		if err != nil {
			return
		}
		if n < 0 || strings.TrimLeft(strings.TrimSpace(out), "0") != strings.TrimLeft(strconv.Itoa(n), "0") {
			t.Errorf("%q is taken for %d", out, n)
		}
	})
}

func TestExecProbesSayWhyTheyDoNotKnow(t *testing.T) {
	for name, c := range map[string]struct {
		answer draintest.ExecAnswer
		fault  *draintest.Fault
		want   string
	}{
		"a number":           {draintest.ExecAnswer{Stdout: "12\n"}, nil, "12 connections"},
		"no number":          {draintest.ExecAnswer{Stdout: "twelve\n"}, nil, `must print one whole number, and printed "twelve"`},
		"nothing":            {draintest.ExecAnswer{}, nil, `printed ""`},
		"an exit code":       {draintest.ExecAnswer{ExitCode: 3, Stdout: "0\n", Stderr: "no redis\n"}, nil, `redis-cli ended with exit code 3: "no redis"`},
		"no such program":    {draintest.ExecAnswer{ExitCode: 127, Stderr: "exec: \"redis-cli\": executable file not found in $PATH\n"}, nil, "no redis-cli in the image"},
		"the API says so":    {draintest.ExecAnswer{}, &draintest.Fault{Command: "machine exec", Status: 422, Message: "exec failed: redis-cli: no such file or directory"}, "no redis-cli in the image"},
		"a fault":            {draintest.ExecAnswer{Stdout: "0\n"}, &draintest.Fault{Command: "machine exec", Status: 422, Message: "boom"}, "boom"},
		"too long an answer": {draintest.ExecAnswer{Stdout: "0\n"}, &draintest.Fault{Command: "machine exec", Status: 400, Message: "response body exceeds 10485760 bytes"}, "exceeds 10485760 bytes"},
		"no answer":          {draintest.ExecAnswer{Stdout: "0\n"}, &draintest.Fault{Command: "machine exec", Hang: true}, "no answer in 20s from redis-cli"},
		"an answer cut off":  {draintest.ExecAnswer{Stdout: "0\n"}, &draintest.Fault{Command: "machine exec", Cut: true, Keep: 12}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fly := draintest.NewFly(nil)
				var id string
				fly.Do(func(w *draintest.World) {
					if err := w.AddApp("my-app", "app=iad:1"); err != nil {
						t.Fatal(err)
					}
					id = w.Live("my-app")[0].ID
					w.Machine(id).Exec = map[string]draintest.ExecAnswer{"redis-cli llen jobs": c.answer}
					if c.fault != nil {
						w.Faults = append(w.Faults, c.fault)
					}
				})
				client := &flyctl.Client{App: "my-app", Run: fly.Runner()}
				got := Exec{Command: "redis-cli llen jobs"}.Count(t.Context(), client, []flyctl.Machine{{ID: id}})[id]
				if !strings.Contains(fmt.Sprint(got), c.want) {
					t.Errorf("got %v, want %q", got, c.want)
				}
			})
		})
	}
}
