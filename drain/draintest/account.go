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

// String returns the account in one line, and a line for each machine that was cut.
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
