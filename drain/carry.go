package drain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// examineLosses refuses what people have set on machines and a new machine does not
// get: "fly deploy" keeps it, as it updates machines. What fly.toml says itself, green
// gets. LoseConfig makes a warning of it, and so is what only costs money.
func (a *app) examineLosses(blue fleet.List) error {
	lost := map[string][]string{} // the machines, by field and value
	for _, m := range blue {
		for field, value := range m.Config.Kept {
			if slices.Contains(a.released().Groups(), m.Group()) && !fleet.Sets(a.config, field) {
				lost[field+"\x00"+string(value)] = append(lost[field+"\x00"+string(value)], m.ID)
			}
		}
	}
	for _, of := range slices.Sorted(maps.Keys(lost)) {
		field, value, _ := strings.Cut(of, "\x00")
		text := fmt.Sprintf("%s: a new machine does not get %s, which was set on %s and which fly deploy keeps: put it into fly.toml, for all groups: machine_config = '%s'",
			a.Name, field, strings.Join(lost[of], " "), nested(field, value))
		if field == "spot" || a.release.LoseConfig {
			a.warn(text)
			continue
		}
		return a.refuse(lost[of][0], "%s; or give it up (LoseConfig, -lose-config)", text)
	}
	return nil
}

// nested is a field such as guest.kernel_args and its value as JSON.
func nested(field, value string) string {
	outer, inner, deep := strings.Cut(field, ".")
	if deep {
		value = fmt.Sprintf("{%q: %s}", inner, value)
	}
	return fmt.Sprintf("{%q: %s}", outer, value)
}
