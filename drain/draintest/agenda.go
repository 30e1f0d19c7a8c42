package draintest

import "time"

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

type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if !a[i].At.Equal(a[j].At) {
		return a[i].At.Before(a[j].At)
	}
	return a[i].Seq < a[j].Seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(event)) }
func (a *agenda) Pop() any {
	old := *a
	e := old[len(old)-1]
	*a = old[:len(old)-1]
	return e
}
