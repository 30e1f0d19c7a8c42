package fleet

import (
	"slices"

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
