package capacity

import (
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Wanted returns green's capacity: blue's, for the groups that fly.toml has, and
// one machine for each group that is new. Groups that fly.toml dropped drain.
func Wanted(blue fleet.List, cfg flyctl.AppConfig) Capacity {
	c := Capacity{}
	groups := cfg.Groups()
	for _, m := range blue {
		s := fleet.Slot{Group: m.Group(), Region: m.Region, Guest: m.Config.Guest}
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
	var first fleet.Slot
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
		c[fleet.Slot{Group: group}]++
	case len(ServicesOf(cfg, group)) > 0:
		if c[first]--; c[first] == 0 {
			delete(c, first)
		}
		first.Rest = false
		c[first]++
	}
}
