// Package capacity says how strong green is to be: as strong as blue, in the groups that
// fly.toml has.
package capacity

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// DefaultSize is what flyctl gives a new machine where nothing else says its size.
var DefaultSize = flyctl.Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 256}

// Capacity is how many machines of each slot there are to be.
type Capacity map[fleet.Slot]int

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
func (c Capacity) Before(s fleet.Slot) bool {
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
func (c Capacity) Slots() []fleet.Slot {
	return slices.SortedFunc(maps.Keys(c), func(a, b fleet.Slot) int {
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

// Match holds green against the capacity: how many machines each slot lacks, which
// machines are surplus, and which are not to run. Those that come first are kept.
func (c Capacity) Match(green fleet.List) (missing Capacity, surplus, rest fleet.List) {
	missing = maps.Clone(c)
	slots := c.Slots()
	for _, m := range green {
		fits := func(s fleet.Slot) bool { return missing[s] > 0 && s.Fits(m) }
		i := slices.IndexFunc(slots, func(s fleet.Slot) bool { return fits(s) && s.Rest == m.Stopped() })
		if i < 0 {
			i = slices.IndexFunc(slots, fits)
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
