package flyctl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogsAreTheLinesOfOneMachine(t *testing.T) {
	c, f := client(saying(printed("2026-11-26T12:00:00Z app[x] iad [info]\x1b[31mone\n\n" + macaroon + " two\n")))
	lines, err := c.Logs(t.Context(), one)
	if want := []string{"2026-11-26T12:00:00Z app[x] iad [info]one", "[token] two"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("got %q, %v", lines, err)
	}
	if args := f.calls[0].Args; !slices.Equal(args, []string{"logs", "--no-tail", "--machine", one, "--app", "my-app"}) || f.calls[0].Wait != 0 {
		t.Errorf("ran %+v", f.calls[0])
	}
}

func TestLogsTakeFiveSecondsAtMost(t *testing.T) {
	for _, had := range []string{"", "a line\n"} {
		synctest.Test(t, func(t *testing.T) {
			c := &Client{App: "my-app", Run: func(ctx context.Context, _ Command) (Result, error) {
				<-ctx.Done()
				return Result{Stdout: []byte(had)}, context.Cause(ctx)
			}}
			begun := time.Now()
			lines, err := c.Logs(t.Context(), one)
			if took := time.Since(begun); took != 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if had == "" && !errors.Is(err, ErrTransient) || had != "" && (err != nil || len(lines) != 1) {
				t.Errorf("had %q: got %q, %v", had, lines, err)
			}
		})
	}
}

func TestLogsWithoutALineAreAnError(t *testing.T) {
	for want, res := range map[error]Result{ErrBadOutput: printed("\n"), ErrUnauthorized: failed("You must be authenticated to view this.")} {
		c, _ := client(saying(res))
		if lines, err := c.Logs(t.Context(), one); !errors.Is(err, want) || len(lines) > 0 {
			t.Errorf("got %q, %v, want %v", lines, err, want)
		}
	}
	c, f := client(saying(Result{}))
	_, err := c.Logs(t.Context(), strings.Repeat("-", 3))
	refused(t, f, err)
}
