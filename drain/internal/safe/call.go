package safe

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// grace is how long a function that heeds its context has, after the end of that, to
// return what it knows.
const grace = 2 * time.Second

// Call calls a function of the user's, in a goroutine of its own. The error says that it
// panicked, or that it did not return though its context has ended: it is left to itself.
func Call[T any](ctx context.Context, who string, f func() T) (said T, err error) {
	type answer struct {
		said T
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		a := answer{err: fmt.Errorf("%s ended its goroutine", who)} // as FailNow of a test does
		defer func() {
			if p := recover(); p != nil {
				a.err = panicked(who, p)
			}
			answers <- a
		}()
		a.said, a.err = f(), nil
	}()
	over, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, stop) })()
	select {
	case a := <-answers:
		return a.said, a.err
	case <-over.Done():
		return said, fmt.Errorf("%s did not answer: %w", who, context.Cause(ctx))
	}
}

// Guard returns a function that calls tell, if there is one, until that panics. Then ctx
// ends, and raise panics with the error of it, where somebody can recover that.
func Guard[T any](from context.Context, who string, tell func(T)) (ctx context.Context, guarded func(T), raise func()) {
	ctx, end := context.WithCancelCause(from)
	failed, fail := context.WithCancelCause(context.WithoutCancel(from))
	guarded = func(t T) {
		defer func() {
			if p := recover(); p != nil {
				fail(panicked(who, p))
				end(context.Cause(failed))
			}
		}()
		if tell != nil && failed.Err() == nil {
			tell(t)
		}
	}
	return ctx, guarded, func() {
		if end(nil); failed.Err() != nil {
			panic(context.Cause(failed))
		}
	}
}

// panicked is the error of a panic, with the place where it began. Call it where that is
// recovered.
func panicked(who string, p any) error {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
	at, more := frames.Next()
	for more && strings.HasPrefix(at.Function, "runtime.") {
		at, more = frames.Next()
	}
	return Foreign(fmt.Errorf("%s panicked: %v (%s:%d)", who, p, filepath.Base(at.File), at.Line))
}
