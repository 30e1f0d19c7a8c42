// Package turns knows which machines a run has cordoned and uncordoned, and when. Routing
// spreads by gossip: for a while, some of Fly's proxies do not know of the last turn.
package turns

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Turns has each machine's last turn. Its zero value has none.
type Turns struct {
	mu   sync.Mutex
	last map[string]turn // by machine
}

type turn struct {
	at       time.Time
	cordoned bool
}

// Note notes that machines have been cordoned now, or uncordoned.
func (t *Turns) Note(cordoned bool, ids ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]turn{}
	}
	for _, id := range ids {
		t.last[id] = turn{time.Now(), cordoned}
	}
}

// Cordoned returns when a machine was cordoned, if that was its last turn; else zero.
func (t *Turns) Cordoned(id string) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last := t.last[id]; last.cordoned {
		return last.at
	}
	return time.Time{}
}

// Last returns when a machine was last turned, whichever; zero if none was.
func (t *Turns) Last() (at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, last := range t.last {
		if last.at.After(at) {
			at = last.at
		}
	}
	return at
}

// Beside returns a machine that was uncordoned after since and is not among these, and
// when it was. It returns none where each of these was uncordoned after since, too: that
// can be taken back at any time.
func (t *Turns) Beside(ids []string, since time.Time) (id string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	recent := func(id string) bool { return !t.last[id].cordoned && t.last[id].at.After(since) }
	if !slices.ContainsFunc(ids, func(id string) bool { return !recent(id) }) {
		return "", time.Time{}
	}
	for _, id := range slices.Sorted(maps.Keys(t.last)) {
		if recent(id) && !slices.Contains(ids, id) {
			return id, t.last[id].at
		}
	}
	return "", time.Time{}
}
