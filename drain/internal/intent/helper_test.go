package intent

import (
	"strings"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

var appNames = []string{"one", "two", "three"}

// believe returns the lists of some apps, whose rows have | between them.
func believe(rows string) (lists []fleet.List) {
	for app := range strings.SplitSeq(rows, "|") {
		lists = append(lists, fleet.Believe(fleettest.Rows(app), nobody))
	}
	return lists
}

func nobody(string) *fleet.Machine { return nil }
