package intent

import (
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// What looks half done may be another run's that is at work, or a dead one's whose
// flyctl still is: nothing is cordoned or uncordoned until nothing has changed for so
// long, and after too long another release is at work.
const (
	quiet   = 40 * time.Second
	tooLong = 5 * quiet
)

// Watch is for how long the lists of some apps have not changed. Its zero value has
// seen none.
type Watch struct {
	Began, Since time.Time
	Picture      string
}

// See returns the watch when it has seen new lists.
func (w Watch) See(lists []fleet.List, now time.Time) Watch {
	var b strings.Builder
	for _, l := range lists {
		for _, m := range l.Managed() {
			fmt.Fprintln(&b, m.ID, m.State, m.Healthy(), m.Cordoned, m.Thin)
		}
	}
	if w.Began.IsZero() {
		w.Began = now
	}
	if picture := b.String(); w.Since.IsZero() || picture != w.Picture {
		w.Since, w.Picture = now, picture
	}
	return w
}

// Quiet reports whether nothing has changed for so long that no other run is at work.
func (w Watch) Quiet(now time.Time) bool { return now.Sub(w.Since) >= quiet }

// TooLong reports whether things have kept changing for so long that one is.
func (w Watch) TooLong(now time.Time) bool { return now.Sub(w.Began) >= tooLong }
