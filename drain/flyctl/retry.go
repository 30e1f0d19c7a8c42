package flyctl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// How long a command that is safe to repeat is repeated. A lease that a dead run
// left behind lasts up to five minutes (flyctl's default for a deploy). It is
// waited for, never cleared. Other faults that pass do so sooner.
const (
	retryFor      = 4 * time.Minute
	retryLeaseFor = 6 * time.Minute
	retryPause    = 10 * time.Second // between two tries at most
	retryUnknown  = 3                // tries, if flyctl's text does not say what is wrong
)

// repeat runs a command that is safe to repeat, and repeats it if that may help.
func (c *Client) repeat(ctx context.Context, k call) error {
	_, err := ask(ctx, c, k, func(Result) (struct{}, error) { return struct{}{}, nil })
	return err
}

// ask does so for a command whose answer matters, until it succeeds, fails for
// good, or has been failing too long.
func ask[T any](ctx context.Context, c *Client, k call, read func(Result) (T, error)) (T, error) {
	begun, unknown := time.Now(), 0
	pauses := backoff.NewExponentialBackOff()
	pauses.Reset()
	pauses.Multiplier, pauses.MaxInterval = 2, retryPause
	for {
		answer, err := once(ctx, c, k, read)
		if err == nil || ctx.Err() != nil {
			return answer, err
		}
		if mayPass(err) {
			unknown++
		}
		if unknown == retryUnknown || time.Since(begun) >= patience(err) {
			return answer, err
		}
		pause := pauses.NextBackOff()
		if c.Notify != nil {
			c.Notify(err, pause)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return answer, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		}
		if k.recheck != nil {
			if err := k.recheck(ctx); err != nil {
				return answer, err
			}
		}
	}
}

// once runs a command and reads its answer. One that cannot be read, perhaps
// because it was cut off, is a failure like any other.
func once[T any](ctx context.Context, c *Client, k call, read func(Result) (T, error)) (answer T, err error) {
	res, err := c.do(ctx, k)
	if err != nil {
		return answer, err
	}
	if answer, err = read(res); err != nil {
		err = newError(c.App, k, res, err)
	}
	return answer, err
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
