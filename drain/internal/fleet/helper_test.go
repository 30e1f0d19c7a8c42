package fleet

import (
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// list is what a first list of these rows says.
func list(rows string) List { return after("", rows) }

// after is what a list of these rows says when an earlier list had others.
func after(earlier, rows string) List {
	var before List
	if earlier != "" {
		before = list(earlier)
	}
	return Believe(fleettest.Rows(rows), before.Find)
}

func one(row string) *Machine { return list(row)[0] }

func ids(l List) string { return strings.Join(l.IDs(), " ") }

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
