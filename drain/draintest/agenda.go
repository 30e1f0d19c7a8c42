package draintest

import (
	"cmp"
	"time"
)

// An event is something that will happen in the world, as data.
type event struct {
	At      time.Time `json:"at"`
	Seq     int       `json:"seq"` // the order among events of one time
	Kind    string    `json:"kind"`
	Machine string    `json:"machine,omitempty"`
	Life    int       `json:"life,omitempty"` // the machine's when it was made; void in another
	N       int       `json:"n,omitempty"`    // a connection, or a load
	On      bool      `json:"on,omitempty"`   // of a cordon
	By      string    `json:"by,omitempty"`
	Action  *Action   `json:"action,omitempty"`
}

// after orders events, as they happen.
func (e event) after(other event) int { return cmp.Or(e.At.Compare(other.At), e.Seq-other.Seq) }
