package drain

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatOutlivesAnInterruptEndsAtOneTimeHoweverLateItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Given a run that is interrupted
		signal := errors.New("SIGINT")
		ctx, cancel := context.WithCancelCause(t.Context())
		i, stop := watchInterrupt(ctx)
		defer stop()
		early, done := i.outlive(ctx, repairFor)
		defer done()
		<-time.After(time.Hour)
		if early.Err() != nil {
			t.Fatal("it ends before the interrupt")
		}
		cancel(signal)
		interrupted := time.Now()
		// When something more is begun three seconds later
		<-time.After(3 * time.Second)
		late, done := i.outlive(ctx, repairFor)
		defer done()
		// Then both end five seconds after the interrupt, because of it
		for _, c := range []context.Context{early, late} {
			<-c.Done()
			if took := time.Since(interrupted); took != repairFor || context.Cause(c) != signal {
				t.Errorf("ended %v after the interrupt, want %v: %v", took, repairFor, context.Cause(c))
			}
		}
		// and what begins after that ends at once.
		after, done := i.outlive(ctx, repairFor)
		defer done()
		synctest.Wait()
		if after.Err() == nil {
			t.Error("what begins after the budget is used up has time")
		}
	})
}

func TestASleepEndsWithTheInterruptAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signal := errors.New("SIGTERM")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(signal) })
		begun := time.Now()
		if err := sleep(ctx, 30*time.Second); err != nil || time.Since(begun) != 30*time.Second {
			t.Errorf("it slept %v: %v", time.Since(begun), err)
		}
		if err := sleep(ctx, time.Hour); err != signal || time.Since(begun) != time.Minute {
			t.Errorf("it slept until %v: %v", time.Since(begun), err)
		}
	})
}
