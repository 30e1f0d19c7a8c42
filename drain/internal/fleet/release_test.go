package fleet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func (g Generations) String() string {
	var parts []string
	for _, p := range []struct {
		name string
		l    List
	}{{"green", g.Green}, {"blue", g.Blue}, {"earlier", g.Earlier}, {"stragglers", g.Stragglers}, {"strange", g.Strange}} {
		if len(p.l) > 0 {
			parts = append(parts, p.name+" "+ids(p.l))
		}
	}
	return strings.Join(parts, ", ")
}

// What a later run finds stays what it was then.
func TestBlueOfAReleaseThatALaterRunFoundIsWhatItWasThen(t *testing.T) {
	found := &Before{Blue: []string{"b1", "b2"}, Others: []string{"e1"}}
	for rows, want := range map[string]string{
		"e1 cordoned, b1, b2 cordoned, g1": "green g1, blue b1 b2, earlier e1",
		"e1 cordoned, g1":                  "green g1, earlier e1",
		"e1, b1 cordoned, g1":              "green g1, blue b1, earlier e1",
		"b3, g1":                           "green g1, earlier b3",
		"b1 cordoned, b3, g1":              "green g1, blue b1 b3",
		"b1, s1, n1, g1":                   "green g1, blue b1, stragglers s1, strange n1",
	} {
		same(t, rows, list(rows).Part(fleettest.Release(2), nil, found).String(), want)
	}
}

// What is not known of the begin of a release is read from the list.
func TestBlueIsTheOlderReleaseThatServesWhereNobodyKnowsWhatWasThere(t *testing.T) {
	for _, c := range []struct{ why, rows, want string }{
		{"a release beside one", "b1, b2, g1, g2", "green g1 g2, blue b1 b2"},
		{"blue is what is older and uncordoned, whole generations", "b1 cordoned, b2, g1", "green g1, blue b1 b2"},
		{"earlier is what is older and cordoned", "e1 cordoned, e2 cordoned, b1, g1", "green g1, blue b1, earlier e1 e2"},
		{"the one that serves is blue, though not the newest", "e1, b1 cordoned, g1", "green g1, blue e1, earlier b1"},
		{"two generations serve", "e1, b1, u1 cordoned, g1", "green g1, blue e1 b1, earlier u1"},
		{"none serves: the newest", "e1 cordoned, b1 cordoned, b2 cordoned, g1", "green g1, blue b1 b2, earlier e1"},
		{"none serves: the newest, whatever its order", "b1 cordoned, e1 cordoned, g1", "green g1, blue b1, earlier e1"},
		{"an unmarked one serves", "u1, b1 cordoned, g1 cordoned", "green g1, blue u1, earlier b1"},
		{"none serves, the last deploy was not ours", "b1 cordoned born=-2h, u1 cordoned born=-1h, g1", "green g1, blue u1, earlier b1"},
		{"none serves, and the last that is not ours was created before", "b1 cordoned born=-1h, u1 cordoned born=-2h, g1", "green g1, blue b1, earlier u1"},
		{"none serves, whatever their order", "u1 cordoned born=-1h, b1 cordoned born=-2h, g1", "green g1, blue u1, earlier b1"},
		{"none serves, and a straggler neither", "u1 cordoned, s1 cordoned, g1 cordoned", "green g1, blue u1, stragglers s1"},
		{"what is thin is not shown uncordoned", "b1 thin, e1, g1", "green g1, blue e1, earlier b1"},
		{"not managed, destroyed and unknown machines are nobody's", "x1, b2 destroyed, n1 thin, b1, g1", "green g1, blue b1"},
		{"no older one", "g1, g2", "green g1 g2"},
		{"nothing", "", ""},
		{"an older release's, created later, is a straggler", "b1, g1, s1", "green g1, blue b1, stragglers s1"},
		{"also where it is uncordoned, but not alone", "u1, g1, s1 of=1", "green g1, blue u1, stragglers s1"},
		{"a copy of the release that serves is none, but of blue", "b1, s1 of=2, g1 cordoned", "green g1, blue b1 s1"},
		{"nor is a part of that", "b1 of=3, s1 of=3, g1 cordoned", "green g1, blue b1, stragglers s1"},
		{"nor more than that", "b1, b2, s1 of=2, g1 cordoned", "green g1, blue b1 b2, stragglers s1"},
		{"a later one without a mark is strange", "b1, g1, n1", "green g1, blue b1, strange n1"},
		{"so is one of a later release", "b1, g1, n1 mark=20261126T130000Z-ffff/1/1", "green g1, blue b1, strange n1"},
		{"though it was created before this one began", "b1, g1, n1 born=-10m mark=20261126T130000Z-ffff/1/1", "green g1, blue b1, strange n1"},
		{"one of the second in which it began is older", "u1 born=0s, g1", "green g1, blue u1"},
		{"one after that second is not", "u1 born=1s, g1", "green g1, strange u1"},
		{"where its clock was ahead, it began with its first machine", "u1 born=-10m, n1 born=-1m, g2 born=-1m, g1 born=-5m", "green g2 g1, blue u1, strange n1"},
	} {
		l := list(c.rows)
		if strings.Contains(c.rows, "b1 thin") {
			l = after("b1", c.rows)
		}
		same(t, c.why+": "+c.rows, l.Part(fleettest.Release(2), nil, nil).String(), c.want)
	}
}

func TestBlueIsWhatWasUncordonedWhereThatIsKnown(t *testing.T) {
	for _, c := range []struct{ why, before, rows, want string }{
		{"blue was uncordoned, earlier was not", "e1 cordoned, b1, b2", "e1 cordoned, b1, b2, g1", "green g1, blue b1 b2, earlier e1"},
		{"whatever they are now", "e1 cordoned, b1, b2", "e1, b1 cordoned, b2 cordoned, g1", "green g1, blue b1 b2, earlier e1"},
		{"a cordoned machine of blue's release is earlier", "b1, b2 cordoned", "b1, b2, g1", "green g1, blue b1, earlier b2"},
		{"what could not be reached is blue, as its row says that it is not cordoned", "b1, b2 unreachable", "b1, b2, g1", "green g1, blue b1 b2"},
		{"a copy of blue is strange", "b1", "b1, s1, g1", "green g1, blue b1, strange s1"},
		{"a late machine of a release that does not serve is a straggler", "u1, b1 cordoned", "u1, s1, g1", "green g1, blue u1, stragglers s1"},
		{"what was not there and has no mark is strange", "b1", "b1, n1, u9", "blue b1, strange n1 u9"},
		{"not managed, and destroyed", "b1, b2", "b1 destroyed, b2, x1", "blue b2"},
	} {
		before := BeforeOf(list(c.before))
		same(t, c.why+": "+c.rows, list(c.rows).Part(fleettest.Release(2), nil, &before).String(), c.want)
	}
}

func TestWhatFlyctlNamedIsGreenWhateverItsMark(t *testing.T) {
	before := BeforeOf(list("b1"))
	same(t, "made", list("b1, g1, n1, b2").Part(fleettest.Release(2), []string{"n1", "b2"}, &before).String(), "green g1 n1 b2, blue b1")
	same(t, "in a rollback", list("u1, b1 cordoned, g1").Part("", []string{"b1"}, nil).String(), "green b1, strange u1 g1")
	before = BeforeOf(list("u1 cordoned, b1 cordoned, g1"))
	same(t, "in a rollback", list("u1 cordoned, b1, g1").Part("", []string{"b1"}, &before).String(), "green b1, blue g1, earlier u1")
}

func TestEachMachineIsInOneGeneration(t *testing.T) {
	const rows = "u1 cordoned, u2, e1 cordoned, e2, b1 cordoned, b2, g1, g2 cordoned, s1, s2 cordoned, n1, n2 cordoned"
	l := list(rows)
	before := BeforeOf(list("u1 cordoned, u2, b1 cordoned, b2"))
	for _, start := range []*Before{nil, &before} {
		for _, id := range []string{"", fleettest.Release(0), fleettest.Release(1), fleettest.Release(2), fleettest.Release(3)} {
			g := l.Part(id, []string{"n2", "u1"}, start)
			n := map[string]int{}
			for _, part := range []List{g.Green, g.Blue, g.Earlier, g.Stragglers, g.Strange} {
				for _, m := range part {
					n[m.ID]++
				}
			}
			for _, m := range l {
				if n[m.ID] != 1 {
					t.Errorf("%s of %s is in %d", m.ID, id, n[m.ID])
				}
			}
		}
	}
}

func TestWhatWasThereIsManagedMachinesHowManyServedAndWhatNobodyKnows(t *testing.T) {
	b := BeforeOf(after("b4", "b1, b2 critical, b3 cordoned, b4 thin, x1, b5 destroyed, b6 worker, b7 lhr, b8 lhr cordoned, x2 thin"))
	same(t, "before", fmt.Sprint(b.Blue, b.Others, b.Unknown, b.Serving), "[b1 b2 b4 b6 b7] [b3 b8] [x2] map[group app in iad:1 group app in lhr:1]")
	if none := (*Before)(nil); !b.HadUnknown("x2") || b.HadUnknown("x3") || none.HadUnknown("x2") {
		t.Error("it does not know what was unknown")
	}
}

func TestAReleaseBeganAtTheEarlierOfItsIDAndItsFirstMachine(t *testing.T) {
	for rows, want := range map[string]time.Duration{
		"":                                       0,
		"g1 born=10s":                            0,
		"g1 born=-10s, g2 born=-20s, g3 born=0s": -20 * time.Second,
		"b1, u1, g1 destroyed born=-10s":         0,
		"g1 thin":                                0, // it was created at a time that nobody knows, not in the year 1
	} {
		if got := list(rows).Began(fleettest.Release(2)).Sub(fleettest.Epoch); got != want {
			t.Errorf("%s: %v, want %v", rows, got, want)
		}
	}
}
