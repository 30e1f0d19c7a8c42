package fleet

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// B2: a row that says nothing new is what its machine was, and does nothing.
func TestAThinRowIsWhatItsLastGoodRowSaidAndDoesNothing(t *testing.T) {
	for _, rows := range []string{"g1 thin", "g1 unreachable", "g1 critical cordoned unreachable"} {
		l := after("g1 lhr", rows)
		m := l[0]
		if !m.Managed() || m.Group() != "app" || m.Region != "lhr" || m.Mark.ID != fleettest.Release(2) || m.Config.Image == "" || m.CreatedAt.IsZero() {
			t.Errorf("%s: it is not what it was: %+v", rows, m)
		}
		if !m.Thin || m.Unknown() {
			t.Errorf("%s: thin %v, on a host that is %s, unknown %v", rows, m.Thin, m.HostStatus, m.Unknown())
		}
		if m.Serving() || m.CouldServe() || len(l.Uncordoned())+len(l.Cordoned()) > 0 || len(l.Serving())+len(l.CouldServe()) > 0 {
			t.Errorf("%s: it serves, or is held", rows)
		}
		if !m.MayTake() {
			t.Errorf("%s: it may take connections, as nobody knows", rows)
		}
		same(t, rows, ids(l.Managed()), "g1")
	}
}

func TestAMachineThatWasCordonedIsNotHeldByAThinRow(t *testing.T) {
	if l := after("g1 cordoned", "g1 thin"); len(l.Cordoned())+len(l.Uncordoned()) > 0 {
		t.Error("nobody knows whether it is cordoned")
	}
}

func TestAThinRowAfterAThinRowIsStillWhatTheGoodOneSaid(t *testing.T) {
	first := list("b1 lhr")
	second := Believe(fleettest.Rows("b1 thin"), first.Find)
	third := Believe(fleettest.Rows("b1 thin"), second.Find)
	if m := third[0]; m.Unknown() || m.Region != "lhr" || m.Mark.ID != fleettest.Release(1) {
		t.Errorf("%+v", m)
	}
	fourth := Believe(fleettest.Rows("b1 lhr critical"), third.Find)
	if m := fourth[0]; m.Thin || m.Checks[0].Status != "critical" {
		t.Errorf("a good row after them: %+v", m)
	}
}

// B2: 1970 is not a time, and the mark has one.
func TestARowOfAMachineOfOursOf1970SaysWhatTheMachineIs(t *testing.T) {
	l := list("b1 1970, b2 cordoned, g1 1970, g2, u1 1970")
	same(t, "unknown", ids(l.Unknown()), "u1")
	same(t, "parted", l.Part(fleettest.Release(2), nil, nil).String(), "green g1 g2, blue b1 b2")
	if m := l.Find("g1"); !m.Thin || !m.CreatedAt.Equal(fleettest.Epoch) || m.Serving() {
		t.Errorf("%+v", m)
	}
}

func TestAMachineWithoutAGroupIsOfTheDefaultOne(t *testing.T) {
	l := list("b1 ungrouped, b2")
	same(t, "managed", ids(l.Managed()), "b1 b2")
	if n := l.Serving()[Place{"app", "iad"}]; n != 2 {
		t.Errorf("%d serve", n)
	}
}

func TestAMachineThatNoRowHasSaidAnythingOfIsUnknownAndNotUnmanaged(t *testing.T) {
	l := list("b1, b2 thin, b3 unreachable, x1")
	same(t, "unknown", ids(l.Unknown()), "b2")
	same(t, "managed", ids(l.Managed()), "b1 b3") // its row says what it is, and nothing of what it does
	rows := fleettest.Rows("b1 thin")
	rows[0].State, rows[0].CreatedAt = "started", fleettest.Epoch
	if l := Believe(rows, List{}.Find); len(l.Unknown()) != 1 {
		t.Errorf("a row without config says what the machine is: %+v", l[0])
	}
	if l.Find("b3").HostStatus != "unreachable" || l.Find("b3").Region != "iad" {
		t.Errorf("%+v", l.Find("b3"))
	}
}

func TestARowThatSaysDestroyedIsBelievedWhateverItsHost(t *testing.T) {
	for _, rows := range []string{"b1 destroyed", "b1 destroying", "b1 destroyed unreachable"} {
		l := after("b1", rows)
		if l[0].Thin || len(l.Managed()) > 0 || l.Find("b1").Serving() {
			t.Errorf("%s: thin %v, managed %v", rows, l[0].Thin, l.Managed().IDs())
		}
	}
	gone := []flyctl.Machine{{ID: "b1", State: "destroyed", Thin: true}}
	if l := Believe(gone, list("b1").Find); len(l.Managed())+len(l.Unknown()) > 0 {
		t.Error("a destroyed machine without its config is still there")
	}
}

func TestWhoseLeaseSomebodyHoldsIsSaidOfAThinRowToo(t *testing.T) {
	rows := fleettest.Rows("b1 unreachable")
	rows[0].Nonce = "secret"
	if m := Believe(rows, list("b1").Find)[0]; m.Nonce != "secret" {
		t.Errorf("%q", m.Nonce)
	}
}

func TestWhatIsSelectedKeepsTheListsOrder(t *testing.T) {
	l := list("b3, b1 cordoned, x1, b2 destroyed, u1 thin")
	for what, c := range map[string]struct{ got, want string }{
		"managed":    {ids(l.Managed()), "b3 b1"},
		"uncordoned": {ids(l.Uncordoned()), "b3 x1 b2"},
		"cordoned":   {ids(l.Cordoned()), "b1"},
		"picked":     {ids(l.Pick([]string{"x1", "b3", "q9"})), "b3 x1"},
		"without":    {ids(l.Without(l.Pick([]string{"b3", "b2"}))), "b1 x1 u1"},
	} {
		same(t, what, c.got, c.want)
	}
	if l.Has("q9") || l.Find("q9") != nil || !l.Has("b1") || l.Find("b1").ID != "b1" {
		t.Error("a machine that is not there is found, or one that is is not")
	}
	if List(nil).Where(func(*Machine) bool { return true }) == nil {
		t.Error("a selection is never nil, so that JSON has []")
	}
}

// What a list says is not changed by what a later one says.
func TestBelievingAListDoesNotWriteToWhatWasBelieved(t *testing.T) {
	first := list("b1")
	was := *first[0]
	Believe(fleettest.Rows("b1 thin"), first.Find)
	if first[0].Thin != was.Thin || first[0].HostStatus != was.HostStatus || !first[0].CreatedAt.Equal(was.CreatedAt) {
		t.Error("it was changed")
	}
	if was.CreatedAt.Sub(fleettest.Epoch) != -time.Hour+time.Second {
		t.Errorf("created at %v", was.CreatedAt)
	}
}

// A row of a host that cannot be reached keeps its own time, if it has one; one without
// an image is unknown, whatever its mark says.
func TestWhatARowOfALostHostStillSays(t *testing.T) {
	none := func(string) *Machine { return nil }
	rows := fleettest.Rows("g1 unreachable")
	rows[0].CreatedAt, rows[0].ImageRef = rows[0].CreatedAt.Add(time.Hour), flyctl.ImageRef{Repository: "my-app"}
	if m := Believe(rows, none)[0]; !m.CreatedAt.Equal(rows[0].CreatedAt) || m.Unknown() {
		t.Errorf("created at %v, want %v", m.CreatedAt, rows[0].CreatedAt)
	}
	rows = fleettest.Rows("g1 1970")
	rows[0].ImageRef = flyctl.ImageRef{}
	if m := Believe(rows, none)[0]; !m.Unknown() {
		t.Errorf("without an image it is %+v", m)
	}
}
