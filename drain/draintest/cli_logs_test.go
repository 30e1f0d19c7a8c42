package draintest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestLogsAreWhatAMachineLoggedAndWithoutAnyTheyAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(time.Now())
		if err := w.AddApp("my-app", "app=iad:2"); err != nil {
			t.Fatal(err)
		}
		w.Live("my-app")[1].Events = nil
		ids := []string{w.Live("my-app")[0].ID, w.Live("my-app")[1].ID}
		f := NewFly(w)
		logs := func(id string) (flyctl.Result, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			return f.Runner()(ctx, flyctl.Command{Args: words("logs --no-tail -a my-app --machine " + id)})
		}
		if res, err := logs(ids[0]); err != nil || !strings.Contains(string(res.Stdout), " runner["+ids[0]+"] iad [info]Machine started in ") {
			t.Errorf("got %s%s, %v", res.Stdout, res.Stderr, err)
		}
		for _, id := range []string{ids[1], "17819999999999"} {
			if res, err := logs(id); !errors.Is(err, context.DeadlineExceeded) || len(res.Stdout) > 0 {
				t.Errorf("%s, without a line: %s%s, %v", id, res.Stdout, res.Stderr, err)
			}
		}
	})
}
