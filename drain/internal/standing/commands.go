package standing

import (
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// On returns one command of a verb for each machine.
func (v View) On(verb fleet.Verb, ms fleet.List) []fleet.Command {
	var out []fleet.Command
	for _, m := range ms {
		out = append(out, fleet.Command{App: v.Name, Verb: verb, Machine: m.ID})
	}
	return out
}

// UnderWay returns the app's commands of a verb that are under way.
func (v View) UnderWay(verb fleet.Verb) []fleet.Command {
	var out []fleet.Command
	for c := range v.flying {
		if c.App == v.Name && c.Verb == verb {
			out = append(out, c)
		}
	}
	return out
}

// Drains reports whether a machine's drain is under way.
func (v View) Drains(id string) bool {
	_, drains := v.flying[fleet.Command{App: v.Name, Verb: fleet.Drain, Machine: id}]
	return drains
}

// Ended reports whether a command on a machine is not tried again.
func (v View) Ended(verb fleet.Verb, id string) bool {
	return v.Tries[fleet.Command{App: v.Name, Verb: verb, Machine: id}].Ended(v.Now)
}
