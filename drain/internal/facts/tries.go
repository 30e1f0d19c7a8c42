package facts

import (
	"errors"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Try is how often a command has ended, and how.
type Try struct {
	First, Last time.Time
	Wins, Fails int
	Err         error // of the last
}

func again(t Try, begun time.Time, err error, now time.Time) Try {
	if t.First.IsZero() {
		t.First = begun
	}
	t.Last, t.Err = now, err
	if err == nil {
		t.Wins++
	} else {
		t.Fails++
	}
	return t
}

// Contradicts reports whether an error is an answer that contradicts the list, which
// still shows the machine.
func Contradicts(err error) bool {
	return errors.Is(err, flyctl.ErrMachineNotFound) || errors.Is(err, flyctl.ErrMachineState)
}

// Passes reports whether a command that failed with this error may succeed later.
func Passes(err error) bool {
	return Contradicts(err) || slices.ContainsFunc([]error{flyctl.ErrTransient, flyctl.ErrRateLimited, flyctl.ErrLeaseHeld, flyctl.ErrInterrupted},
		func(kind error) bool { return errors.Is(err, kind) })
}

// Ended reports whether a command is not tried again: it failed for good, three times or
// for two minutes, or it succeeded three times and no list shows it.
func (t Try) Ended(now time.Time) bool {
	switch {
	case t.Err == nil:
		return t.Wins >= Tries && now.Sub(t.Last) >= fleet.ListLag
	case Passes(t.Err):
		return now.Sub(t.First) >= CordonFor
	}
	return t.Fails >= Tries
}
