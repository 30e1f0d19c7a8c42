package drain

import (
	"cmp"
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// Settings say how long to wait, and how to count connections. A zero field of an
// app takes the release's value, and then the default. [None] means no wait. A
// negative duration or limit is an error.
type Settings struct {
	HealthTimeout time.Duration // for green machines to become healthy; default 5m
	Smoke         time.Duration // how long a machine without checks must run before it counts as healthy; default 10s
	Settle        time.Duration // after a cordon, before a count is believed; default 10s, or Propagation if that is longer
	Confirm       time.Duration // between an idle reading and the one that confirms it; default 2s
	Poll          time.Duration // to the next look at the machines that drain, after something has changed; then twice as long each time, up to a minute; default 5s
	Deadline      time.Duration // for one machine's drain, from its cordon, or the end of the bake time if that is later; default: as long as it takes
	AtDeadline    AtDeadline    // what happens then; default KeepMachine
	StopPause     time.Duration // with StopMachine, between two machines of a group and region; default 10s
	OnDrain       string        // a command that runs in each machine when its drain begins, so that the app asks its clients to reconnect; "" is none
	Container     string        // where OnDrain and [Steps.Exec] run in a machine with containers; default: where Fly chooses
	Limit         int           // a machine with at most so many connections is idle; default 0
	SoftLimit     bool          // each machine's own soft_limit in place of Limit: of several services the lowest, and 0 for one that has none or counts requests
	Probe         probe.Probe   // counts connections; default probe.Sockets
	WorkerProbe   probe.Probe   // counts the work of machines without services; default: they count as idle
}

// AtDeadline says what happens to a machine that is not idle at its deadline.
type AtDeadline int

const (
	KeepMachine AtDeadline = iota + 1 // report it, and leave it as it is
	// StopMachine stops it as if it were idle: its connections end. One at a time in each
	// group and region, fewest connections first. A machine that Fly cannot reach then is
	// destroyed when Fly can, if it was last seen cordoned.
	StopMachine
)

// None means no wait, where zero would mean the default. As a Deadline it has passed at
// the first look.
const None time.Duration = 1

// over returns an app's settings over those of its release, over the defaults.
func (s Settings) over(all Settings, propagation time.Duration) Settings {
	s.HealthTimeout = wait(s.HealthTimeout, all.HealthTimeout, healthTimeout)
	s.Smoke = wait(s.Smoke, all.Smoke, smokeTime)
	s.Settle = wait(s.Settle, all.Settle, max(settleTime, propagation)) // until then, proxies may send connections
	s.Confirm = wait(s.Confirm, all.Confirm, confirmTime)
	s.Poll = wait(s.Poll, all.Poll, pollTime)
	s.Deadline = cmp.Or(s.Deadline, all.Deadline)
	s.AtDeadline = cmp.Or(s.AtDeadline, all.AtDeadline, KeepMachine)
	s.StopPause = wait(s.StopPause, all.StopPause, stopPause)
	s.OnDrain = cmp.Or(s.OnDrain, all.OnDrain)
	s.Container = cmp.Or(s.Container, all.Container)
	if s.Limit == 0 && !s.SoftLimit {
		s.Limit, s.SoftLimit = all.Limit, all.SoftLimit
	}
	s.Probe = cmp.Or[probe.Probe](s.Probe, all.Probe, probe.Sockets{})
	s.WorkerProbe = cmp.Or(s.WorkerProbe, all.WorkerProbe)
	return s
}

// wait returns the first duration that is set; none is zero.
func wait(ds ...time.Duration) time.Duration {
	if d := cmp.Or(ds...); d != None {
		return d
	}
	return 0
}

// stopsLate reports whether machines are stopped at a deadline.
func (s Settings) stopsLate() bool { return s.Deadline > 0 && s.AtDeadline == StopMachine }

// validate returns the error of a setting that is not valid. They are whose: an app's
// or the release's.
func (s Settings) validate(whose string) error {
	if s.AtDeadline < 0 || s.AtDeadline > StopMachine {
		return fmt.Errorf("%w: %s: AtDeadline must be KeepMachine or StopMachine", flyctl.ErrUsage, whose)
	}
	if err := flyctl.ValidateCommand(cmp.Or(s.OnDrain, "none"), s.Container); err != nil {
		return fmt.Errorf("%s: OnDrain: %w", whose, err)
	}
	return cmp.Or(notNegative(whose, "StopPause", s.StopPause), notNegative(whose, "Limit", s.Limit), notNegative(whose, "HealthTimeout", s.HealthTimeout), notNegative(whose, "Smoke", s.Smoke),
		notNegative(whose, "Settle", s.Settle), notNegative(whose, "Confirm", s.Confirm), notNegative(whose, "Poll", s.Poll), notNegative(whose, "Deadline", s.Deadline))
}

func notNegative[T int | time.Duration](whose, name string, value T) error {
	if value >= 0 {
		return nil
	}
	return fmt.Errorf("%w: %s: %s must not be negative: %v", flyctl.ErrUsage, whose, name, value)
}
