package flyctl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// verbs are the commands that take ids.
var verbs = map[string]func(*Client) func(context.Context, ...string) error{
	"cordon":   func(c *Client) func(context.Context, ...string) error { return c.Cordon },
	"uncordon": func(c *Client) func(context.Context, ...string) error { return c.Uncordon },
	"start":    func(c *Client) func(context.Context, ...string) error { return c.Start },
	"destroy":  func(c *Client) func(context.Context, ...string) error { return c.Destroy },
}

// Cordons and uncordons of several machines are one command, the others one each.
func TestSeveralMachinesAreCordonedByOneCommandAndDestroyedByOneEach(t *testing.T) {
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

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%014x", i)
	}
	return ids
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
