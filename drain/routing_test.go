package drain_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
)

func TestWithoutAPropagationTimeNothingIsWaitedFor(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1") // proxies do need it
		r, old, fresh := s.beside()
		r.Propagation = drain.None
		steps := r.Steps(s.Context())
		begun := time.Now()
		if err := errors.Join(run(steps.Uncordon, fresh), run(steps.AwaitRouting, fresh), run(steps.Cordon, old)); err != nil || time.Since(begun) > 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// TestRoutingIsAwaitedForChangesOnly has steps that have changed nothing, and none.
func TestRoutingIsAwaitedForChangesOnly(t *testing.T) {
	simulate(t, func(s *sim) {
		r, serves, cordoned := s.beside()
		steps := r.Steps(s.Context())
		begun := time.Now()
		if err := run(steps.AwaitRouting, serves); err != nil || time.Since(begun) > 0 {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if err := run(steps.Uncordon, cordoned); err != nil {
			t.Fatal(err)
		}
		begun = time.Now()
		if err := run(steps.AwaitRouting); err != nil || time.Since(begun) > 0 {
			t.Errorf("no machines, after %v: %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeoutCause(s.Context(), 5*time.Second, errors.New("enough"))
		defer cancel()
		other := r.Steps(ctx)
		if err := run(other.Cordon, serves); err != nil { // its own cordon
			t.Fatal(err)
		}
		if err := run(other.AwaitRouting, serves); err == nil || err.Error() != "enough" {
			t.Errorf("its context has ended: %v", err)
		}
	})
}
