package rollout

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// each joins what is picked of each app.
func each(vs []standing.View, pick func(standing.View) []fleet.Command) []fleet.Command {
	var out []fleet.Command
	for _, v := range vs {
		out = append(out, pick(v)...)
	}
	return out
}

// on returns a command of a verb for each machine that is picked of all apps.
func on(vs []standing.View, verb fleet.Verb, pick func(standing.View) fleet.List) []fleet.Command {
	return each(vs, func(v standing.View) []fleet.Command { return v.On(verb, pick(v)) })
}

// count says how many machines are picked of all apps.
func count(vs []standing.View, pick func(standing.View) fleet.List) int {
	n := 0
	for _, v := range vs {
		n += len(pick(v))
	}
	return n
}

func every(vs []standing.View, is func(standing.View) bool) bool {
	return !some(vs, func(v standing.View) bool { return !is(v) })
}

func some(vs []standing.View, is func(standing.View) bool) bool { return slices.ContainsFunc(vs, is) }
