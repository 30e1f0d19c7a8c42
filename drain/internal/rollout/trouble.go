package rollout

import (
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
		d.App, d.About, d.Why = v.Name, a.Machine, v.Says(a)
		return true
	}
	return false
}
