package fleet

import (
	"cmp"
	"maps"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Slot is a kind of machine that green has. Green is as strong as blue when each
// slot has as many machines as it had in blue.
//
// Blue machines that the proxy has stopped count like those that run, and green
// starts all of its own: the proxy stops them again when it finds too many.
type Slot struct {
	Group   string
	Region  string       // "": wherever flyctl creates it (a group that blue does not have)
	Guest   flyctl.Guest // zero: as fly.toml has it
	Standby bool
}

// Fits reports whether a machine fills the slot.
func (s Slot) Fits(m *Machine) bool {
	return s.Group == m.Group() && (s.Region == "" || s.Region == m.Region) &&
		(s.Guest == flyctl.Guest{} || s.Guest == m.Config.Guest) && s.Standby == m.Standby()
}

// Principal returns the machine that a standby of the slot stands in for: one of
// its own region where there is one, else of its group.
func (s Slot) Principal(green List) string {
	id := ""
	for _, m := range green {
		if m.Group() != s.Group || m.Standby() {
			continue
		}
		if m.Region == s.Region {
			return m.ID
		}
		id = m.ID
	}
	return id
}

// Source returns the machine to clone for a slot: of its group, on a
// host that is well; nil if there is none.
func (s Slot) Source(green List) *Machine {
	i := slices.IndexFunc(green, func(m *Machine) bool { return m.Group() == s.Group && !m.Thin && !m.Standby() })
	if i < 0 || s.Region == "" {
		return nil
	}
	return green[i]
}

// Capacity is how many machines of each slot there are to be.
type Capacity map[Slot]int

// Total returns the number of machines.
func (c Capacity) Total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// HasPrincipal reports whether there are machines of a group that are no standbys.
func (c Capacity) HasPrincipal(group string) bool {
	for s := range c {
		if s.Group == group && !s.Standby {
			return true
		}
	}
	return false
}

// Groups returns the process groups, sorted.
func (c Capacity) Groups() []string {
	var groups []string
	for s := range c {
		groups = append(groups, s.Group)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// Slots returns the slots in a fixed order, so that a plan and its release agree:
// by group, and standbys after those that they stand in for.
func (c Capacity) Slots() []Slot {
	return slices.SortedFunc(maps.Keys(c), func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), compareBools(a.Standby, b.Standby),
			cmp.Compare(a.Region, b.Region), compareGuests(a.Guest, b.Guest))
	})
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func compareGuests(a, b flyctl.Guest) int {
	return cmp.Or(cmp.Compare(a.MemoryMB, b.MemoryMB), cmp.Compare(a.CPUs, b.CPUs),
		cmp.Compare(b.CPUKind, a.CPUKind), // performance after shared
		cmp.Compare(a.GPUs, b.GPUs), cmp.Compare(a.GPUKind, b.GPUKind))
}

// Wanted returns green's capacity: blue's, for the groups that fly.toml has, and
// one machine for each group that is new. Groups that fly.toml dropped drain.
func Wanted(blue List, cfg flyctl.AppConfig) Capacity {
	c := Capacity{}
	groups := cfg.Groups()
	known := map[string]bool{}
	for _, m := range blue {
		s := Slot{Group: m.Group(), Region: m.Region, Guest: m.Config.Guest, Standby: m.Standby()}
		if !slices.Contains(groups, s.Group) {
			continue
		}
		if cfg.Sizes(s.Group) {
			s.Guest = flyctl.Guest{}
		}
		known[s.Group] = true
		c[s]++
	}
	for _, g := range groups {
		if !known[g] {
			c[Slot{Group: g}]++
		}
	}
	return c
}

// Largest returns the size for the machines that flyctl creates of its own: the
// most memory that blue has, so that each of them can run any group.
func Largest(blue List) flyctl.Guest {
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

// Match holds green against the capacity: how many machines each slot lacks, and
// which machines are surplus. Those that come first are kept.
func (c Capacity) Match(green List) (missing Capacity, surplus List) {
	missing = maps.Clone(c)
	for _, m := range green {
		slots := missing.Slots()
		i := slices.IndexFunc(slots, func(s Slot) bool { return s.Fits(m) })
		if i < 0 {
			surplus = append(surplus, m)
			continue
		}
		if missing[slots[i]]--; missing[slots[i]] == 0 {
			delete(missing, slots[i])
		}
	}
	return missing, surplus
}
