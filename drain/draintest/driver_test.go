package draintest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestAnInterruptGivesLeasesBackAndAKillDoesNot(t *testing.T) {
	for _, cause := range []error{errors.New("enough"), ErrKilled} {
		t.Run(cause.Error(), func(t *testing.T) {
			fly(t, func(t *testing.T, f *Fly, ids []string) {
				f.fault(Fault{Command: "machine cordon", Hang: true, AfterEffect: true})
				ctx, cancel := context.WithCancelCause(context.Background())
				var got flyctl.Result
				var err error
				var done sync.WaitGroup
				done.Go(func() {
					got, err = f.Runner()(ctx, flyctl.Command{Args: []string{"machine", "cordon", ids[0], "-a", "my-app"}})
				})
				time.Sleep(time.Minute)
				cancel(cause)
				done.Wait()
				if !errors.Is(err, cause) || len(got.Stderr) > 0 || !f.cordoned(ids[0]) {
					t.Errorf("%v, cordoned %t\n%s%s", err, f.cordoned(ids[0]), got.Stdout, got.Stderr)
				}
				f.Do(func(w *World) {
					if leased := w.Machine(ids[0]).Lease != nil; leased != (cause == ErrKilled) {
						t.Errorf("leased %t", leased)
					}
				})
			})
		})
	}
}

func TestACommandMayOutliveItsContext(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.fault(Fault{Command: "machine clone", Outlive: true})
		f.fault(Fault{Command: "machine clone", Slow: time.Minute})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := f.Runner()(ctx, flyctl.Command{Args: []string{"machine", "clone", ids[0], "--detach", "-a", "my-app"}})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		count := func() (n int) { f.Do(func(w *World) { n = len(w.Live("my-app")) }); return n }
		if count() != 3 {
			t.Errorf("%d machines at once", count())
		}
		time.Sleep(2 * time.Minute)
		if count() != 4 {
			t.Errorf("%d machines later", count())
		}
	})
}
