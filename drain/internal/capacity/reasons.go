package capacity

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Reasons say why green is to be as it is. Without a capacity there are none.
func (c Capacity) Reasons(cfg flyctl.AppConfig, blue fleet.List) (out []string) {
	if c == nil {
		return nil
	}
	for _, s := range c.Slots() {
		n := c[s]
		kind, size, rest := "", s.Guest.String(), ""
		switch {
		case s.Standby:
			kind = " (standby)"
		case s.Rest:
			rest = ", at rest: stopped as soon as it is created"
		}
		switch {
		case Sizes(cfg, s.Group):
			size = "fly.toml's size"
		case s.Region == "":
			size = "flyctl's default size, " + DefaultSize.String()
		}
		if s.Region == "" {
			out = append(out, fmt.Sprintf("1 of %s, of %s: the group has no machine; fly deploy would create two: fly scale count 2 --process-group %[1]s", s.Group, size))
		} else {
			out = append(out, fmt.Sprintf("%d of %s%s in %s of %s: blue has %d%s", n, s.Group, kind, s.Region, size, n, rest))
		}
	}
	dropped := map[string]bool{}
	for _, m := range blue {
		dropped[m.Group()] = !slices.Contains(c.Groups(), m.Group())
	}
	for _, g := range slices.Sorted(maps.Keys(dropped)) {
		if dropped[g] {
			out = append(out, fmt.Sprintf("none of %s: fly.toml does not have it any more", g))
		}
	}
	return out
}
