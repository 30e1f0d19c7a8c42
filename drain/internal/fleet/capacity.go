package fleet

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Slot is a kind of machine that green has. Green is as strong as blue when each
// slot has as many machines as it had in blue.
type Slot struct {
	Group   string
	Region  string       // "": wherever flyctl creates it (a group that blue does not have)
	Guest   flyctl.Guest // zero: as fly.toml has it, or else flyctl's default
	Standby bool
	Rest    bool // blue's did not run, so this one is stopped as soon as it is there
}

// Fits reports whether a machine fills the slot, whether it runs or not.
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

// DefaultSize is what flyctl gives a new machine where nothing else says its size.
var DefaultSize = flyctl.Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 256}

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

// Before reports whether there are machines that are created before those of a slot:
// what runs comes first, and standbys last.
func (c Capacity) Before(s Slot) bool {
	for o := range c {
		if o.Group == s.Group && (s.Standby && !o.Standby || s.Rest && !o.Standby && !o.Rest) {
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
		return cmp.Or(cmp.Compare(a.Group, b.Group), compareBools(a.Standby, b.Standby), compareBools(a.Rest, b.Rest),
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
	for _, m := range blue {
		s := Slot{Group: m.Group(), Region: m.Region, Guest: m.Config.Guest}
		if !slices.Contains(groups, s.Group) {
			continue
		}
		if Sizes(cfg, s.Group) {
			s.Guest = flyctl.Guest{}
		}
		s.Standby = m.Standby() && len(ServicesOf(cfg, s.Group)) == 0 // flyctl takes that from one with services
		asleep := !m.AutostartsFromRest() || autostarts(cfg, s.Group) // else nobody would start it, and blue has it in its floor
		s.Rest = m.Stopped() && !m.Thin && !m.Crashed() && !s.Standby && asleep
		c[s]++
	}
	for _, g := range groups {
		c.wake(g, cfg)
	}
	return c
}

// wake lets one machine of a group run: of a new one, and of one with services all of
// whose machines are at rest, as some of green must be seen to be healthy.
func (c Capacity) wake(group string, cfg flyctl.AppConfig) {
	var first Slot
	for _, s := range c.Slots() {
		switch {
		case s.Group != group:
		case !s.Rest:
			return
		case first.Group == "" || s.Region == cfg.PrimaryRegion && first.Region != cfg.PrimaryRegion:
			first = s
		}
	}
	switch {
	case !slices.Contains(c.Groups(), group):
		c[Slot{Group: group}]++
	case len(ServicesOf(cfg, group)) > 0:
		if c[first]--; c[first] == 0 {
			delete(c, first)
		}
		first.Rest = false
		c[first]++
	}
}

// First returns the size for the machine of a group that flyctl creates first, in a
// region: that of one that is wanted there, else of any that is wanted.
func (c Capacity) First(group, region string) flyctl.Guest {
	var size flyctl.Guest
	there := false
	for _, s := range c.Slots() {
		if s.Group == group && (s.Region == region || !there) {
			size, there = s.Guest, s.Region == region
		}
	}
	if size == DefaultSize {
		return flyctl.Guest{}
	}
	return size
}

// Lone returns the regions of a group, with commas between them, that is to have
// no machine in the region where flyctl creates its first one; else "".
func (c Capacity) Lone(group, region string) string {
	var regions []string
	for _, s := range c.Slots() {
		if s.Group == group && s.Region == region {
			return ""
		}
		if s.Group == group && !slices.Contains(regions, s.Region) {
			regions = append(regions, s.Region)
		}
	}
	if region == "" {
		return ""
	}
	return strings.Join(regions, ", ")
}

// Match holds green against the capacity: how many machines each slot lacks, and
// which machines are surplus. Those that come first are kept.
func (c Capacity) Match(green List) (missing Capacity, surplus List) {
	missing, surplus, _ = c.assign(green)
	return missing, surplus
}

// Resting returns the machines of green that are not to run.
func (c Capacity) Resting(green List) List {
	for s := range c {
		if s.Rest {
			_, _, rest := c.assign(green)
			return rest
		}
	}
	return nil
}

func (c Capacity) assign(green List) (missing Capacity, surplus, rest List) {
	missing = maps.Clone(c)
	for _, m := range green {
		slots := missing.Slots()
		i := slices.IndexFunc(slots, func(s Slot) bool { return s.Fits(m) && s.Rest == m.Stopped() })
		if i < 0 {
			i = slices.IndexFunc(slots, func(s Slot) bool { return s.Fits(m) })
		}
		if i < 0 {
			surplus = append(surplus, m)
			continue
		}
		if slots[i].Rest {
			rest = append(rest, m)
		}
		if missing[slots[i]]--; missing[slots[i]] == 0 {
			delete(missing, slots[i])
		}
	}
	return missing, surplus, rest
}
