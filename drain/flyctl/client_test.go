package flyctl

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestACancelEndsTheWaitForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("SIGTERM")
		release := make(chan struct{})
		c, f := client(func(int, Command) (Result, error) { <-release; return Result{}, nil })
		var wg sync.WaitGroup
		wg.Go(func() { _ = c.Start(t.Context(), manyIDs(MaxParallel)...) })
		synctest.Wait()
		ctx, cancel := context.WithCancelCause(t.Context())
		wg.Go(func() {
			if err := c.Cordon(ctx, one); !errors.Is(err, stop) {
				t.Errorf("got %v", err)
			}
		})
		wg.Go(func() { // with the turn of the clones in its hand
			if _, err := c.Clone(ctx, one, CloneOptions{Region: "lhr"}); !errors.Is(err, stop) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		cancel(stop)
		synctest.Wait()
		if f.count() != MaxParallel {
			t.Errorf("%d runs", f.count())
		}
		close(release)
		wg.Wait()
		if _, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"}); err != nil {
			t.Errorf("the turn was not given back: %v", err)
		}
	})
}

func TestAClientIsSafeForConcurrentUseFromItsFirstCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed("[]")))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _, _ = c.List(t.Context()) })
			wg.Go(func() { _ = c.Start(t.Context(), one, two) })
		}
		wg.Wait()
		if f.count() != 60 {
			t.Errorf("%d runs", f.count())
		}
	})
}

func TestAClientLeavesTheFieldsOfItsUserAlone(t *testing.T) {
	c := &Client{App: "my-app"}
	t.Setenv("FLYCTL", t.TempDir()+"/none")
	_, err := c.List(t.Context())
	wantKind(t, err, ErrNotInstalled)
	if c.Run != nil || c.Timeout != 0 || c.Every != 0 {
		t.Errorf("it set %+v", c)
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
