package rollout

import (
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// trouble finds what has looked wrong with a release for so long that it is to be
// undone. It fills in the decision, and reports whether there is any.
func trouble(vs []standing.View, d *Decision) bool {
	for _, v := range vs {
		lasting := v.Troubles()
		if len(lasting) == 0 {
			continue
		}
		a := lasting[0]
		d.Cause = ErrChanged
		if slices.Contains([]facts.Kind{standing.Ill, standing.Partial, standing.Lost, standing.Weak}, a.Kind) {
			d.Cause = ErrNotHealthy
		}
		d.App, d.About = v.Name, a.Machine
		switch a.Kind {
		case standing.Partial:
			d.Why = fmt.Sprintf("%s: green is incomplete: only %d machines are there", v.Name, len(v.Kept()))
		case standing.Weak:
			d.Why = fmt.Sprintf("%s: green is healthy, but in %s only %d of its machines can serve, and %d must", v.Name, a.Place, v.Kept().CouldServe()[a.Place], v.Floor()[a.Place])
		default:
			d.Why = fmt.Sprintf("%s: machine %s %s", v.Name, a.Machine, v.Describe(a))
		}
		return true
	}
	return false
}
