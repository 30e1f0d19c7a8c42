package lists

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// fly answers with these lists, one after another, and from then on with the last.
type fly struct {
	says  []string // as [fleettest.Rows] reads them
	takes time.Duration
	asked int
}

func (f *fly) list(context.Context) ([]flyctl.Machine, error) {
	time.Sleep(f.takes)
	f.asked++
	return fleettest.Rows(f.says[min(f.asked, len(f.says))-1]), nil
}

func ids(l fleet.List) string { return strings.Join(l.IDs(), " ") }

func TestAListIsSharedByAllWhoWaitForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fly{says: []string{"b1, b2"}, takes: time.Second}
		l := New(f.list, time.Second)
		begun := time.Now()
		for range 20 {
			go func() {
				if got, err := l.Since(t.Context(), begun); ids(got) != "b1 b2" || err != nil {
					t.Error(got.IDs(), err)
				}
			}()
		}
		synctest.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		if f.asked != 1 {
			t.Errorf("flyctl was asked %d times", f.asked)
		}
		if _, err := l.Since(t.Context(), begun.Add(time.Millisecond)); err != nil || f.asked != 2 {
			t.Errorf("what is older than wanted is not asked for again: %d lists, %v", f.asked, err)
		}
	})
}

// What the list lacks is believed to be gone 15 s later, but for all of it.
func TestAListThatLacksMachinesIsAskedForAgain(t *testing.T) {
	for _, c := range []struct {
		why   string
		says  []string
		want  string
		after time.Duration
	}{
		{"until it shows them", []string{"b1, b2", "b1", "b1", "b1, b2"}, "b1 b2", 2 * time.Second},
		{"for 15 s", []string{"b1, b2", "b1"}, "b1", fleet.ListLag},
		{"not for those of others", []string{"b1, x2", "b1"}, "b1", 0},
		{"not for those that are destroyed", []string{"b1, b2, b3", "b1, b2"}, "b1 b2", 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New((&fly{says: c.says}).list, time.Second)
				if _, err := l.Since(t.Context(), time.Now()); err != nil {
					t.Fatal(err)
				}
				l.Forget("b3")
				time.Sleep(time.Second)
				begun := time.Now()
				got, err := l.Since(t.Context(), begun)
				if ids(got) != c.want || err != nil || time.Since(begun) != c.after {
					t.Errorf("after %v it is %v, %v; want %s after %v", time.Since(begun), got.IDs(), err, c.want, c.after)
				}
			})
		})
	}
}

func TestAnEmptyListIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New((&fly{says: []string{"b1, b2", ""}}).list, time.Second)
		_, _ = l.Since(t.Context(), time.Now())
		time.Sleep(time.Second)
		if got, err := l.Since(t.Context(), time.Now()); !errors.Is(err, flyctl.ErrTransient) || got != nil {
			t.Errorf("it is %v, %v", got.IDs(), err)
		}
		if got := ids(l.Latest()); got != "b1 b2" {
			t.Errorf("the last that is believed is %q", got)
		}
	})
}

func TestNowTakesAListWhateverItLacksAndLearnsNothingOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New((&fly{says: []string{"b1, b2", "b1", "b2 thin, b1"}}).list, time.Second)
		for _, want := range []string{"b1 b2", "b1", "b2 b1"} {
			begun := time.Now()
			got, at, err := l.Now(t.Context(), begun)
			if ids(got) != want || !at.Equal(begun) || err != nil {
				t.Errorf("it is %v of %v, %v", got.IDs(), at, err)
			}
			time.Sleep(time.Second)
		}
		if m := l.Row("b2"); !m.Managed() || m.Thin {
			t.Errorf("of b2 the last good row is lost: %+v", m)
		}
		if m := l.Row("b9"); m.ID != "b9" || m.Managed() || l.HasShown("b9") || !l.HasShown("b2") {
			t.Errorf("of b9 more is known than its id: %+v", m)
		}
	})
}

func TestWhoWaitsForAListStopsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New((&fly{says: []string{"b1"}, takes: time.Hour}).list, time.Second)
		go func() { _, _ = l.Since(t.Context(), time.Now()) }()
		synctest.Wait()
		cause := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		if _, err := l.Since(ctx, time.Now()); !errors.Is(err, cause) {
			t.Error(err)
		}
		time.Sleep(time.Hour)
	})
}
