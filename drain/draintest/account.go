package draintest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Account is what became of every connection. The open ones are [World.Open].
type Account struct {
	Opened  int   `json:"opened"`
	Ended   int   `json:"ended"`   // by themselves
	Refused int   `json:"refused"` // no machine would take them
	Cut     int   `json:"cut"`
	Cuts    []cut `json:"cuts,omitempty"`
}

// A cut is a connection that ended because its machine did.
type cut struct {
	At      time.Time `json:"at"`
	App     string    `json:"app"`
	Machine string    `json:"machine"`
	By      string    `json:"by"` // a command line, or "platform: …"
}

// An exposure is how long a marked machine could take traffic between its creation
// and its first cordon, and how many connections landed before it was opened.
type exposure struct {
	App, Machine string
	Time         time.Duration
	Landed       int
}

// Exposures measures all machines that carry a mark, oldest first. A machine that
// was never held is measured up to its end, or to now.
func (w *World) Exposures() []exposure {
	var all []exposure
	for _, id := range sortedKeys(w.Machines) {
		m := w.Machines[id]
		if _, ok := m.Mark(); !ok || m.Exposed.IsZero() {
			continue
		}
		until := cmp.Or(m.Held, m.Gone, w.Now)
		if d := until.Sub(m.Exposed); d > 0 || m.Early > 0 {
			all = append(all, exposure{App: m.App, Machine: m.ID, Time: max(d, 0), Landed: m.Early})
		}
	}
	return all
}

// String is the account in one line, and a line for each machine that was cut.
func (a Account) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "opened %d  ended %d  open %d  refused %d  cut %d\n", a.Opened, a.Ended, a.Opened-a.Ended-a.Cut, a.Refused, a.Cut)
	n := map[string]int{}
	for _, c := range a.Cuts {
		n[fmt.Sprintf("%s %s by %s", c.App, c.Machine, c.By)]++
	}
	for _, of := range sortedKeys(n) {
		fmt.Fprintf(&b, "cut %d of %s\n", n[of], of)
	}
	return b.String()
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
