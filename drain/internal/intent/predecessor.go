package intent

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// Predecessors returns each app's machines of the release to go back to: the newest
// release that has served, drains and is whole. Several apps go back to releases that
// served at the same time. The error says why there is nothing to go back to.
func Predecessors(apps []string, lists []fleet.List) ([]fleet.List, error) {
	serving := make([]fleet.Mark, len(lists))
	drains := map[string]bool{}              // releases
	served := make([]fleet.List, len(lists)) // one after the other, and what serves
	for i, l := range lists {
		serving[i], served[i] = l.Uncordoned().Newest(), Lineage(l)
		mk := serving[i]
		older := l.Managed().Where(func(m *fleet.Machine) bool { return m.Mark.ID < mk.ID })
		switch {
		case len(served[i]) == 0:
			return nil, fmt.Errorf("%s: no older release is still draining", apps[i])
		case mk.Apps != len(lists) || mk.ID != serving[0].ID:
			return nil, fmt.Errorf("%s: release %s covers %d apps: pass these, and no others", apps[i], mk.ID, mk.Apps)
		case len(older.Uncordoned()) > 0:
			return nil, fmt.Errorf("%s: machines of an older release serve too: %s", apps[i], words.Few(older.Uncordoned().IDs()))
		}
		for _, m := range served[i] {
			drains[m.Mark.ID] = true
		}
		served[i] = append(served[i], l.Managed().Where(func(m *fleet.Machine) bool { return m.Mark.ID == mk.ID })...)
	}
	var why []error
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(drains))) {
		all := make([]fleet.List, len(lists))
		var missing error
		for i, l := range served {
			var err error
			if all[i], err = wholeAt(l, id, serving[i].ID); err != nil {
				missing = fmt.Errorf("%s: %w", apps[i], err)
			}
		}
		if missing == nil {
			return all, nil
		}
		why = append(why, missing)
	}
	return nil, errors.Join(why...)
}

// Lineage returns the machines of the releases that served before the newest that serves,
// the last one first, as far as their marks tell: a release that was only held, or that a
// rollback took back, is not among them. Where a mark does not tell, the next older one
// that is there counts as its predecessor.
func Lineage(l fleet.List) (out fleet.List) {
	mk := l.Uncordoned().Newest()
	for {
		older := l.Managed().Where(func(m *fleet.Machine) bool { return m.Mark.ID < mk.ID })
		if mk.Over != "" {
			before := strings.TrimPrefix(mk.Over, fleet.NoRelease)
			older = older.Where(func(m *fleet.Machine) bool { return m.Mark.ID == before })
		}
		if len(older) == 0 {
			return out
		}
		mk = older.Newest()
		out = append(out, older.Where(func(m *fleet.Machine) bool { return m.Mark.ID == mk.ID })...)
	}
}

// wholeAt returns the machines of the newest release up to an id, if it can take the
// place of the one that serves: all of its machines are there, and as many in each place.
// A group that it never had, as its own mark shows, is not missed.
func wholeAt(l fleet.List, id, serving string) (fleet.List, error) {
	l = l.Where(func(m *fleet.Machine) bool { return m.Mark.ID <= id || m.Mark.ID == serving })
	old := l.Where(func(m *fleet.Machine) bool { return m.Mark.ID != serving })
	if len(old) == 0 {
		return nil, errors.New("no release is as old as that")
	}
	own := old.Newest()
	old = old.Where(func(m *fleet.Machine) bool { return m.Mark.ID == own.ID })
	name := "the release before " + serving
	if own.ID != "" {
		name = "release " + own.ID
	}
	if n := len(old.Cordoned()); n < len(old) || n < own.Machines {
		return nil, fmt.Errorf("%s is not whole any more: %d of its %d machines are left", name, n, max(own.Machines, len(old)))
	}
	have := old.Count()
	for p, n := range l.Uncordoned().Count() {
		if have[p] < n && (own.ID == "" || len(old.InGroup(p.Group)) > 0) {
			return nil, fmt.Errorf("%s cannot take over: it has %s left in %s, and %d serve there now", name, words.Plural(have[p], "machine"), p, n)
		}
	}
	return old, nil
}
