package drain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// Settings say how long to wait, and how to count connections. A zero field of an
// app takes the release's value, and then the default. [None] is no wait. A
// negative duration or limit is an error.
type Settings struct {
	HealthTimeout time.Duration // for green machines to become healthy; default 5m
	Smoke         time.Duration // how long a machine without checks must run before it counts as healthy; default 10s
	Settle        time.Duration // after a cordon, before a count is believed; default 10s, or Propagation if that is longer
	Confirm       time.Duration // between an idle reading and the one that confirms it; default 2s
	Poll          time.Duration // to the next look at the machines that drain, after something has changed; then twice as long each time, up to a minute; default 5s
	Deadline      time.Duration // for one machine's drain, from its cordon, or the end of the bake time if that is later; default: as long as it takes
	AtDeadline    AtDeadline    // what happens then; default KeepMachine
	Limit         int           // a machine with at most so many connections is idle; default 0
	SoftLimit     bool          // each machine's own soft_limit in place of Limit: of several services the lowest, and 0 for one that has none or counts requests
	Probe         probe.Probe   // counts connections; default probe.Sockets
	WorkerProbe   probe.Probe   // counts the work of machines without services; default: they count as idle
}

// AtDeadline says what happens to a machine that is not idle at its deadline.
type AtDeadline int

const (
	KeepMachine AtDeadline = iota + 1 // report it, and leave it as it is
	StopMachine                       // stop it as if it were idle: its connections end
)

// None is a wait of no length, where zero would mean the default. As a Deadline,
// it is one that has passed at the first look.
const None time.Duration = 1

// resolved returns the release with every default filled in, for all apps, or the
// error of a setting that is not valid. It shares nothing with r that either could
// change. In what it returns, a wait of zero is none; a Deadline of zero is no deadline.
func (r Release) resolved() (Release, error) {
	if err := r.validate(); err != nil {
		return Release{}, err
	}
	r.Propagation = wait(r.Propagation, propagationTime)
	r.Bake = wait(r.Bake)
	r.ListEvery = cmp.Or(r.ListEvery, listEvery)
	r.Apps = slices.Clone(r.Apps)
	for i := range r.Apps {
		a := &r.Apps[i]
		a.Args = slices.Clone(a.Args)
		a.Settings = a.Settings.over(r.Settings, r.Propagation)
	}
	return r, nil
}

// over returns an app's settings over those of its release, over the defaults.
func (s Settings) over(all Settings, propagation time.Duration) Settings {
	own := s
	s.HealthTimeout = wait(s.HealthTimeout, all.HealthTimeout, healthTimeout)
	s.Smoke = wait(s.Smoke, all.Smoke, smokeTime)
	s.Settle = wait(s.Settle, all.Settle, max(settleTime, propagation)) // until then, proxies may send connections
	s.Confirm = wait(s.Confirm, all.Confirm, confirmTime)
	s.Poll = wait(s.Poll, all.Poll, pollTime)
	s.Deadline = cmp.Or(s.Deadline, all.Deadline)
	s.AtDeadline = cmp.Or(s.AtDeadline, all.AtDeadline, KeepMachine)
	if own.Limit == 0 && !own.SoftLimit {
		s.Limit, s.SoftLimit = all.Limit, all.SoftLimit
	}
	for _, p := range []probe.Probe{all.Probe, probe.Sockets{}} {
		if s.Probe == nil {
			s.Probe = p
		}
	}
	if s.WorkerProbe == nil {
		s.WorkerProbe = all.WorkerProbe
	}
	return s
}

// wait returns the first duration that is set; none is zero.
func wait(ds ...time.Duration) time.Duration {
	if d := cmp.Or(ds...); d != None {
		return d
	}
	return 0
}

// validate returns the error of what can be known to be wrong before anything runs.
func (r Release) validate() error {
	if len(r.Apps) == 0 {
		return fmt.Errorf("%w: a release without apps", flyctl.ErrUsage)
	}
	if err := r.Settings.validate("the release"); err != nil {
		return err
	}
	if err := notNegative("the release", []field{{"Propagation", r.Propagation}, {"Bake", r.Bake}, {"ListEvery", r.ListEvery}}); err != nil {
		return err
	}
	if r.MaxDraining < 0 {
		return fmt.Errorf("%w: the release: MaxDraining must not be negative: %d", flyctl.ErrUsage, r.MaxDraining)
	}
	for i, a := range r.Apps {
		if err := flyctl.ValidateApp(a.Name); err != nil {
			return err
		}
		if a.Image != "" {
			if err := flyctl.ValidateImage(a.Image); err != nil {
				return err
			}
		}
		if err := flyctl.ValidateArgs(a.Args); err != nil {
			return err
		}
		if err := a.Settings.validate(a.Name); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Apps[:i], func(b App) bool { return a.Name == b.Name }) {
			return fmt.Errorf("%w: app %s is given twice", flyctl.ErrUsage, a.Name)
		}
	}
	return nil
}

type field struct {
	name  string
	value time.Duration
}

func notNegative(whose string, fields []field) error {
	for _, f := range fields {
		if f.value < 0 {
			return fmt.Errorf("%w: %s: %s must not be negative: %v", flyctl.ErrUsage, whose, f.name, f.value)
		}
	}
	return nil
}

func (s Settings) validate(whose string) error {
	if s.Limit < 0 {
		return fmt.Errorf("%w: %s: Limit must not be negative: %d", flyctl.ErrUsage, whose, s.Limit)
	}
	if s.AtDeadline < 0 || s.AtDeadline > StopMachine {
		return fmt.Errorf("%w: %s: AtDeadline must be KeepMachine or StopMachine", flyctl.ErrUsage, whose)
	}
	return notNegative(whose, []field{{"HealthTimeout", s.HealthTimeout}, {"Smoke", s.Smoke}, {"Settle", s.Settle},
		{"Confirm", s.Confirm}, {"Poll", s.Poll}, {"Deadline", s.Deadline}})
}
