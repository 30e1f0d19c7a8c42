package turns

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLastTurnOfEachMachineCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		if !turns.Last().IsZero() || !turns.Cordoned("a").IsZero() {
			t.Error("nothing was turned")
		}
		begun := time.Now()
		turns.Note(true, "a", "b")
		<-time.After(time.Second)
		turns.Note(false, "b", "c")
		if !turns.Cordoned("a").Equal(begun) || !turns.Cordoned("b").IsZero() || !turns.Cordoned("c").IsZero() || !turns.Last().Equal(time.Now()) {
			t.Errorf("a %v, b %v, the last %v", turns.Cordoned("a"), turns.Cordoned("b"), turns.Last())
		}
	})
}

func TestWhatWasJustUncordonedKeepsOthersFromBeingCordoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		turns.Note(false, "old")
		<-time.After(time.Minute)
		turns.Note(true, "held")
		turns.Note(false, "new", "next")
		for _, c := range []struct {
			why  string
			ids  []string
			ago  time.Duration
			want string
		}{
			{"another one", []string{"old"}, time.Second, "new"},
			{"one that this run has not turned", []string{"blue"}, time.Second, "new"},
			{"one of these is not", []string{"new", "old"}, time.Second, "next"},
			{"these themselves", []string{"new", "next"}, time.Second, ""},
			{"one of these alone", []string{"next"}, time.Second, ""},
			{"nothing is to be cordoned", nil, time.Second, ""},
			{"routing knows", []string{"blue"}, 0, ""},
			{"what was uncordoned long ago", []string{"new", "next", "held"}, time.Hour, "old"},
		} {
			id, at := turns.Beside(c.ids, time.Now().Add(-c.ago))
			if id != c.want || (id == "") != at.IsZero() {
				t.Errorf("%s: %q, %v", c.why, id, at)
			}
		}
	})
}
