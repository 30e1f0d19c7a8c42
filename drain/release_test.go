package drain_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestARunDoesNotWriteToItsRelease has several runs of one value side by side.
func TestARunDoesNotWriteToItsRelease(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.Apps[0].Args, r.Propagation = make([]string, 0, 9), 20*time.Second
		s.world(func(w *draintest.World) { w.LimitsOff = true }) // each run keeps them for itself
		s.connect("my-app", "app", "iad", 4, 3*time.Minute)
		var no error
		r.Check = func(context.Context, string, []flyctl.Machine) error { return no }
		was := fmt.Sprintf("%+v", *r)
		var runs sync.WaitGroup
		for name, do := range map[string]func(context.Context) (drain.Report, error){"deploy": r.Deploy, "drain": r.Drain, "resume": r.Resume} {
			runs.Go(func() {
				if name != "deploy" {
					<-time.After(3 * time.Second)
				}
				if report, err := do(s.Context()); report.Result != drain.ResultDone || err != nil {
					t.Errorf("%s: %s: %v", name, report, err)
				}
			})
		}
		if _, err := r.Plan(s.Context(), "deploy"); err != nil {
			t.Error(err)
		}
		runs.Wait()
		s.wants("my-app", v2...)
		no = errors.New("no")
		s.deploy(drain.ResultFailed, r)
		if is := fmt.Sprintf("%+v", *r); is != was {
			t.Errorf("it was %s\nand is %s", was, is)
		}
	})
}
