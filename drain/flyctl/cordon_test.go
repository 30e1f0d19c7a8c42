package flyctl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// verbs are the commands that take ids.
var verbs = map[string]func(*Client) func(context.Context, ...string) error{
	"cordon":   func(c *Client) func(context.Context, ...string) error { return c.Cordon },
	"uncordon": func(c *Client) func(context.Context, ...string) error { return c.Uncordon },
	"start":    func(c *Client) func(context.Context, ...string) error { return c.Start },
	"destroy":  func(c *Client) func(context.Context, ...string) error { return c.Destroy },
}

// Cordons and uncordons of several machines are one command, the others one each.
func TestWhatMachinesACommandNames(t *testing.T) {
	for verb, of := range verbs {
		for _, ids := range [][]string{{one}, {two, one}, {one, two, one}} {
			c, f := client(saying(Result{}))
			c.Dir = "/app"
			if err := of(c)(t.Context(), ids...); err != nil {
				t.Errorf("%s: %v", verb, err)
			}
			want := []string{"machine " + verb + " " + one + " --app my-app"}
			switch {
			case len(ids) > 1 && strings.HasSuffix(verb, "cordon"):
				want[0] = "machine " + verb + " " + one + " " + two + " --app my-app"
			case len(ids) > 1:
				want = append(want, "machine "+verb+" "+two+" --app my-app")
			}
			var got []string
			for _, call := range f.calls {
				if got = append(got, strings.Join(call.Args, " ")); call.Dir != "" {
					t.Errorf("%s: it ran in %q", verb, call.Dir)
				}
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s of %v: %q", verb, ids, got)
			}
		}
	}
}

func TestACommandForNoMachineRunsNothing(t *testing.T) {
	for verb, of := range verbs { // flyctl would ask which
		c, f := client(saying(Result{}))
		if err := of(c)(t.Context()); err != nil || f.count() != 0 {
			t.Errorf("%s: it ran %d times: %v", verb, f.count(), err)
		}
	}
}

func TestAHostileIDAmongOthersRunsNothing(t *testing.T) {
	for _, of := range verbs {
		for _, s := range hostile {
			c, f := client(saying(Result{}))
			refused(t, f, of(c)(t.Context(), one, s))
		}
	}
}

func TestAStartOfWhichOneIsGoneStartsTheOthers(t *testing.T) {
	const gone = "nope123"
	f := &fake{}
	done := make(chan string, 2)
	unknown := transcript(t, "cordon an unknown machine")
	f.answer = func(_ int, cmd Command) (Result, error) {
		if cmd.Args[2] == gone {
			return unknown, nil
		}
		done <- cmd.Args[2]
		return Result{}, nil
	}
	c := &Client{App: "my-app", Run: f.run}
	err := c.Start(t.Context(), one, gone, two)
	wantKind(t, err, ErrMachineNotFound)
	if !strings.Contains(err.Error(), gone) || strings.Contains(err.Error(), one) {
		t.Errorf("the error is about the wrong machine: %v", err)
	}
	if got := []string{<-done, <-done}; !slices.Contains(got, one) || !slices.Contains(got, two) || f.count() != 3 {
		t.Errorf("started: %v, in %d runs", got, f.count())
	}
}

func TestEveryFailureIsInTheErrorInTheOrderOfTheIDs(t *testing.T) {
	c, _ := client(func(_ int, cmd Command) (Result, error) {
		if cmd.Args[2] == "aaaa" {
			return failed("machine aaaa was not found in app 'my-app'"), nil
		}
		return failed("could not get machine bbbb: unauthorized"), nil
	})
	err := c.Start(t.Context(), "bbbb", "aaaa")
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "bbbb") || !strings.Contains(lines[1], "aaaa") {
		t.Errorf("got %q", lines)
	}
}

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%014x", i)
	}
	return ids
}

func TestNoMoreThan16RunAtOnceAndNoFewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		c, f := client(func(int, Command) (Result, error) {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-time.After(time.Second)
			return Result{}, nil
		})
		if err := c.Start(t.Context(), manyIDs(100)...); err != nil {
			t.Fatal(err)
		}
		if most.Load() != 16 || f.count() != 100 {
			t.Errorf("%d at once, %d runs", most.Load(), f.count())
		}
	})
}

func TestMachinesThatAreLeasedDoNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var last atomic.Int64
		c, _ := client(func(_ int, cmd Command) (Result, error) {
			if cmd.Args[2] < "00000000000010" { // the first 16
				return failed("failed to obtain lease: failed to get lease on VM x: lease currently held by test@example.com"), nil
			}
			last.Store(int64(time.Since(begun)))
			return Result{}, nil
		})
		err := c.Start(t.Context(), manyIDs(60)...)
		wantKind(t, err, ErrLeaseHeld)
		if waited := time.Duration(last.Load()); waited > time.Second {
			t.Errorf("the others waited %v", waited)
		}
	})
}

func TestSeveralAreCordonedByOneCommandThatIsRunOnce(t *testing.T) {
	var ran [][]string
	c, _ := client(func(_ int, cmd Command) (Result, error) {
		ran = append(ran, cmd.Args)
		return failed("failed to obtain lease: failed to get lease on VM x: lease currently held by test@example.com"), nil
	})
	for verb, turn := range map[string]func(context.Context, ...string) error{"cordon": c.Cordon, "uncordon": c.Uncordon} {
		ran = nil
		wantKind(t, turn(t.Context(), one, two), ErrLeaseHeld)
		if len(ran) != 1 || !slices.Equal(ran[0], []string{"machine", verb, one, two, "--app", "my-app"}) {
			t.Errorf("%s: %v", verb, ran)
		}
	}
}
