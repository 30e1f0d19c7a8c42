package drain

import (
	"cmp"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// slot is a kind of machine that green shall have. Green is as strong as blue
// when each slot has as many machines as it had in blue.
//
// Blue machines that the proxy has stopped count like those that run, and green
// starts all of its own: the proxy stops them again when it finds too many.
type slot struct {
	group   string
	region  string       // "": wherever flyctl puts it (a group that blue does not have)
	guest   flyctl.Guest // zero: as fly.toml has it
	standby bool
}

func (s slot) fits(m flyctl.Machine) bool {
	return s.group == m.Group() && (s.region == "" || s.region == m.Region) &&
		(s.guest == flyctl.Guest{} || s.guest == m.Config.Guest) && s.standby == m.Standby()
}

// options are those of a clone that fits the slot.
func (s slot) options(standbyFor string) flyctl.CloneOptions {
	opts := flyctl.CloneOptions{Region: s.region, Guest: s.guest}
	if s.standby {
		opts.StandbyFor = []string{standbyFor}
	}
	return opts
}

// standsInFor is the machine that a standby of the slot stands in for: one that
// stays, of its own region where there is one.
func (s slot) standsInFor(green, surplus fleet, otherwise string) string {
	for _, m := range green {
		if _, extra := surplus.find(m.ID); extra || m.Group() != s.group || m.Standby() {
			continue
		}
		if m.Region == s.region {
			return m.ID
		}
		otherwise = m.ID
	}
	return otherwise
}

// capacity is how many machines of each slot there shall be.
type capacity map[slot]int

func (c capacity) total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// serving reports whether a group has machines that are not standbys.
func (c capacity) serving(group string) bool {
	for s := range c {
		if s.group == group && !s.standby {
			return true
		}
	}
	return false
}

// slots are in a fixed order, so that a plan and its release agree.
func (c capacity) slots() []slot {
	out := make([]slot, 0, len(c))
	for s := range c {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(len(a.kind()), len(b.kind())),
			cmp.Compare(a.region, b.region), compareGuests(a.guest, b.guest))
	})
	return out
}

// kind names the machines of a slot beside those that serve.
func (s slot) kind() string {
	if s.standby {
		return " (standby)"
	}
	return ""
}

func compareGuests(a, b flyctl.Guest) int {
	return cmp.Or(cmp.Compare(a.MemoryMB, b.MemoryMB), cmp.Compare(a.CPUs, b.CPUs),
		cmp.Compare(b.CPUKind, a.CPUKind), // performance after shared
		cmp.Compare(a.GPUs, b.GPUs), cmp.Compare(a.GPUKind, b.GPUKind))
}

// wanted is green's capacity: blue's, for the groups that fly.toml has, and one
// machine for each group that is new. Groups that fly.toml no longer has drain.
func wanted(blue fleet, cfg flyctl.AppConfig) capacity {
	c := capacity{}
	groups := cfg.Groups()
	known := map[string]bool{}
	for _, m := range blue {
		s := slot{group: m.Group(), region: m.Region, guest: m.Config.Guest, standby: m.Standby()}
		if !slices.Contains(groups, s.group) {
			continue
		}
		if cfg.Sizes(s.group) {
			s.guest = flyctl.Guest{}
		}
		known[s.group] = true
		c[s]++
	}
	for _, g := range groups {
		if !known[g] {
			c[slot{group: g}]++
		}
	}
	return c
}

// largest is the size for the machines that flyctl makes of its own: the most
// memory that blue has, so that each of them can run any group.
func largest(blue fleet) flyctl.Guest {
	var g flyctl.Guest
	for _, m := range blue {
		have := m.Config.Guest
		have.GPUs, have.GPUKind = 0, ""
		if compareGuests(have, g) > 0 {
			g = have
		}
	}
	return g
}

// match holds green against what is wanted: what is missing of each slot, and
// which machines are too many. Those that come first are kept.
func (c capacity) match(green fleet) (missing capacity, surplus fleet) {
	missing = capacity{}
	for s, n := range c {
		missing[s] = n
	}
	for _, m := range green {
		placed := false
		for _, s := range c.slots() {
			if missing[s] > 0 && s.fits(m) {
				missing[s]--
				placed = true
				break
			}
		}
		if !placed {
			surplus = append(surplus, m)
		}
	}
	for s, n := range missing {
		if n == 0 {
			delete(missing, s)
		}
	}
	return missing, surplus
}
