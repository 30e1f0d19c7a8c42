package safe

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFunctionThatIsCalledHasItsAnswerOrAnErrorThatSaysWhyNot(t *testing.T) {
	for name, c := range map[string]struct {
		f     func(context.Context) int
		said  int
		err   string // with which it begins
		after time.Duration
	}{
		"an answer":          {func(context.Context) int { return 7 }, 7, "", 0},
		"a panic":            {func(context.Context) int { panic("boom\n\x1b[2J!") }, 0, "it panicked: boom; ! (call_test.go:", 0},
		"a nil pointer":      {func(context.Context) int { var p *int; return *p }, 0, "it panicked: runtime error: invalid memory address or nil pointer dereference (call_test.go:", 0},
		"no return":          {func(context.Context) int { runtime.Goexit(); return 7 }, 0, "it ended its goroutine", 0},
		"it heeds the end":   {func(ctx context.Context) int { <-ctx.Done(); <-time.After(time.Second); return 7 }, 7, "", time.Minute + time.Second},
		"it ignores the end": {func(context.Context) int { <-time.After(time.Hour); return 7 }, 0, "it did not answer: context deadline exceeded", time.Minute + grace},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begun := time.Now()
				said, err := Call(ctx, "it", func() int { return c.f(ctx) })
				if said != c.said || (err == nil) != (c.err == "") || err != nil && !strings.HasPrefix(err.Error(), c.err) {
					t.Errorf("%d, %v", said, err)
				}
				if took := time.Since(begun); took != c.after {
					t.Errorf("after %v", took)
				}
				if c.after > time.Minute && err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the cause is lost: %v", err)
				}
				<-time.After(time.Hour) // a bubble ends when all that is in it has
			})
		})
	}
}

func TestAListenerThatPanicsEndsTheContextAndIsNotCalledAgain(t *testing.T) {
	calls := 0
	ctx, tell, raise := Guard(t.Context(), "it", func(n int) {
		if calls++; n == 2 {
			panic("boom")
		}
	})
	for n := range 4 {
		tell(n)
	}
	if cause := context.Cause(ctx); calls != 3 || cause == nil || !strings.HasPrefix(cause.Error(), "it panicked: boom (call_test.go:") {
		t.Errorf("%d calls, and %v", calls, cause)
	}
	defer func() {
		if p := recover(); p != context.Cause(ctx) {
			t.Errorf("it was raised again as %v", p)
		}
	}()
	raise()
}

func TestAListenerThatDoesNotPanicRaisesNothing(t *testing.T) {
	for _, listen := range []func(int){nil, func(int) {}} {
		ctx, tell, raise := Guard(t.Context(), "it", listen)
		if tell(1); ctx.Err() != nil {
			t.Error(ctx.Err())
		}
		raise()
	}
}
