package fleet

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Place is where the proxy looks for a machine: what is lost in one region is
// not made up for in another.
type Place struct{ Group, Region string }

// Place returns a machine's place.
func (m *Machine) Place() Place { return Place{m.Group(), m.Region} }

func (p Place) String() string { return fmt.Sprintf("group %s in %s", p.Group, p.Region) }

// Worker reports whether a machine is in a group without services.
func (m *Machine) Worker() bool { return len(m.Config.Services) == 0 }

// Serving reports whether the proxy sends connections to a machine: it is shown
// uncordoned, in a group with services, and healthy, or stopped with autostart on.
func (m *Machine) Serving() bool { return !m.Cordoned && m.CouldServe() }

// CouldServe reports whether a machine would serve if it were uncordoned.
func (m *Machine) CouldServe() bool {
	if m.Thin || m.Worker() || m.Standby() {
		return false
	}
	return m.Healthy() || m.AutostartsFromRest()
}

// AutostartsFromRest reports whether a machine is stopped and the proxy starts it
// when a connection comes.
func (m *Machine) AutostartsFromRest() bool {
	return m.Stopped() && m.Autostarts() && !m.Crashed()
}

// Ended reports whether the machine is stopped because its program ended with code
// 0, or because a user or the proxy stopped it.
func (m *Machine) Ended() bool {
	exits := slices.ContainsFunc(m.Events, func(e flyctl.Event) bool { return e.Request.Exit != nil })
	return m.Stopped() && exits && !m.Crashed()
}

// NeverRan reports whether a machine has no VM, in a state that a stop does not change.
func (m *Machine) NeverRan() bool {
	return slices.Contains([]string{"created", "failed", "launch_failed"}, m.State)
}

// SoftLimit returns the lowest soft_limit of the machine's services: 0 if one counts
// requests and not connections, or if there is no service.
func (m *Machine) SoftLimit() int {
	limits := make([]int, max(1, len(m.Config.Services)))
	for i, s := range m.Config.Services {
		if s.Concurrency.Type != "requests" {
			limits[i] = max(0, s.Concurrency.SoftLimit)
		}
	}
	return slices.Min(limits)
}

// AtRestAs returns those machines that have ended and are not to run: in each place as
// many as blue has there.
func (l List) AtRestAs(blue List) List {
	rest := func(m *Machine) bool { return m.Ended() && !m.Thin && !m.Standby() }
	left := blue.count(rest)
	return l.Where(func(m *Machine) bool {
		if !rest(m) {
			return false
		}
		left[m.Place()]--
		return left[m.Place()] >= 0
	})
}

// StopRequested reports whether a user or the proxy stopped the machine last.
func (m *Machine) StopRequested() bool {
	exit := m.LastExit()
	return exit != nil && exit.RequestedStop
}

// MayTake reports whether a proxy that does not know of a machine's cordon may
// send it a connection: all that keeps it from that are the checks of its
// services. A machine with a thin row may.
func (m *Machine) MayTake() bool {
	return m.Thin || m.Started() && slices.ContainsFunc(m.Config.Services, func(s flyctl.Service) bool {
		return len(s.Checks) == 0 || slices.ContainsFunc(m.Checks, func(c flyctl.Check) bool { return c.Status != "critical" })
	})
}

// Count is a number of machines by place.
type Count map[Place]int

// Serving counts the managed machines that serve.
func (l List) Serving() Count { return l.count((*Machine).Serving) }

// CouldServe counts the managed machines that would serve if none were cordoned.
func (l List) CouldServe() Count { return l.count((*Machine).CouldServe) }

// Count counts the machines, whatever they do.
func (l List) Count() Count { return l.count(func(*Machine) bool { return true }) }

func (l List) count(is func(*Machine) bool) Count {
	n := Count{}
	for _, m := range l.Managed() {
		if is(m) {
			n[m.Place()]++
		}
	}
	return n
}

// Floor is how many machines must serve in each place that needs any.
type Floor map[Place]int

// Short returns a place in which fewer serve than the floor says, in a fixed order.
func (f Floor) Short(serving Count) (short Place, ok bool) {
	for _, p := range f.places() {
		if serving[p] < f[p] {
			return p, true
		}
	}
	return Place{}, false
}

// Holds reports whether as many serve as the floor says.
func (f Floor) Holds(serving Count) bool { _, short := f.Short(serving); return !short }

// Empty returns the places that need serving machines and have none, in a fixed order.
func (f Floor) Empty(serving Count) []Place {
	return slices.DeleteFunc(f.places(), func(p Place) bool { return f[p] == 0 || serving[p] > 0 })
}

func (f Floor) places() []Place {
	return slices.SortedFunc(maps.Keys(f), func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Region, b.Region))
	})
}

// Guess returns the floor of a release where nobody knows how many served when
// it began: the smaller of green's machines in a place and blue's, or, if there is no
// blue at all, the uncordoned ones of green. Those at rest as blue's are do not
// count, unless the proxy starts them. A guessed floor keeps machines; it is never a
// reason to continue.
func Guess(green, blue List) Floor {
	canServe := func(m *Machine) bool { return !m.Standby() && !m.Worker() }
	ofGreen, ofBlue := green.count(canServe), blue.count(canServe)
	rest := green.AtRestAs(blue).count(func(m *Machine) bool { return !m.Autostarts() })
	if len(blue) == 0 {
		ofBlue = green.Uncordoned().count(canServe)
	}
	f := Floor{}
	for p, n := range ofGreen {
		if n = min(max(1, n-rest[p]), ofBlue[p]); n > 0 {
			f[p] = n
		}
	}
	return f
}

// In returns the floor of the places in these groups.
func (f Floor) In(groups func(string) bool) Floor {
	out := Floor{}
	for p, n := range f {
		if n > 0 && groups(p.Group) {
			out[p] = n
		}
	}
	return out
}

// InGroup returns the machines of a group.
func (l List) InGroup(group string) List {
	return l.Where(func(m *Machine) bool { return m.Group() == group })
}

// HasServices reports whether a machine of the list has a service.
func (l List) HasServices() bool {
	return slices.ContainsFunc(l, func(m *Machine) bool { return !m.Worker() })
}
