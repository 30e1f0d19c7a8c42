package flyctl

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// How long a command that is safe to repeat is repeated. A lease that a dead run
// left behind lasts up to five minutes (flyctl's default for a deploy). It is
// waited for, never cleared. Other faults that pass do so sooner.
const (
	retryFor      = 4 * time.Minute
	retryLeaseFor = 6 * time.Minute
	retryUnknown  = 3 // tries, if flyctl's text does not say what is wrong
)

// retry runs op until it succeeds, fails for good, or has been failing too long.
func retry[T any](ctx context.Context, notify func(error, time.Duration), op func() (T, error)) (T, error) {
	begun, unknown := time.Now(), 0
	pauses := &backoff.ExponentialBackOff{
		InitialInterval:     500 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         10 * time.Second,
	}
	pauses.Reset()
	for {
		res, err := op()
		if err == nil || ctx.Err() != nil {
			return res, err
		}
		limit := patience(err)
		if mayPass(err) {
			if unknown++; unknown == retryUnknown {
				return res, err
			}
		}
		if time.Since(begun) >= limit {
			return res, err
		}
		pause := pauses.NextBackOff()
		if notify != nil {
			notify(err, pause)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return res, interrupted(ctx, err)
		}
	}
}

// patience returns for how long a command that fails with err is repeated.
func patience(err error) time.Duration {
	switch {
	case errors.Is(err, ErrLeaseHeld):
		return retryLeaseFor
	case errors.Is(err, ErrTransient), errors.Is(err, ErrRateLimited), mayPass(err):
		return retryFor
	}
	return 0
}

// mayPass reports whether another try or two may succeed after err. An error
// without a known meaning is one of those: a 429 or a 500 shows in flyctl only as
// the words that the API chose.
func mayPass(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == ErrInterrupted || e.Kind == ErrBadOutput || e.Kind == nil && e.Cause == nil
}
