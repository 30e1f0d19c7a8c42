package facts

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestACommandEndsAfterThreeRefusalsOrTwoMinutes(t *testing.T) {
	refused, passes := errors.New("no"), fmt.Errorf("cordon: %w", flyctl.ErrTransient)
	for _, c := range []struct {
		why   string
		errs  []error // one a second
		after time.Duration
		want  bool
	}{
		{"never tried", nil, time.Hour, false},
		{"refused twice", []error{refused, refused}, time.Hour, false},
		{"refused three times", []error{refused, refused, refused}, 0, true},
		{"a failure that may pass, for less than two minutes", []error{passes, passes, passes}, 117 * time.Second, false},
		{"for two minutes", []error{passes, passes, passes}, 118 * time.Second, true},
		{"it worked twice, and no list shows it", []error{nil, nil}, time.Hour, false},
		{"three times, and the list may be late", []error{nil, nil, nil}, 14 * time.Second, false},
		{"three times, and it is not", []error{nil, nil, nil}, 15 * time.Second, true},
		{"failures before it worked are forgiven", []error{refused, refused, refused, nil}, time.Hour, false},
	} {
		now, try := fleettest.Epoch, Try{}
		for i, err := range c.errs {
			now = fleettest.Epoch.Add(time.Duration(i) * time.Second)
			try = again(try, now, err, now)
		}
		if got := try.Ended(now.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}

func TestFlysFailuresPassAndRefusalsDoNot(t *testing.T) {
	for err, want := range map[error]bool{
		flyctl.ErrTransient: true, flyctl.ErrRateLimited: true, flyctl.ErrLeaseHeld: true, flyctl.ErrInterrupted: true,
		flyctl.ErrMachineNotFound: true, flyctl.ErrMachineState: true, flyctl.ErrUnauthorized: false, flyctl.ErrImageNotFound: false,
	} {
		if Passes(err) != want {
			t.Errorf("%v passes: %v", err, !want)
		}
		if contradicts := errors.Is(err, flyctl.ErrMachineNotFound) || errors.Is(err, flyctl.ErrMachineState); Contradicts(err) != contradicts {
			t.Errorf("%v contradicts a list: %v", err, !contradicts)
		}
	}
}
