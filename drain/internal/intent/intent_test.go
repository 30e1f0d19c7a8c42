package intent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func intents(rows string, deploy bool) string {
	lists := believe(rows)
	var apps []facts.App
	for i := range lists {
		apps = append(apps, facts.App{Name: appNames[i]})
	}
	var out []string
	for _, in := range Of(apps, lists, deploy) {
		text := in.Row
		switch {
		case in.Person != "":
			text += " person"
		case in.Rest:
			text += " rest"
		default:
			text += " " + map[facts.Aim]string{facts.Forward: "forward", facts.Back: "back", facts.DrainOnly: "drain"}[in.Goal.Aim]
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// Each row of the table, for Resume and for a deploy.
func TestIntentReadsWhatIsToBeDoneFromTheListAlone(t *testing.T) {
	for _, c := range []struct{ why, rows, resume, deploy string }{
		{"I1: no mark", "u1, u2", "I1 rest", "I1 rest"},
		{"I1: some cordoned", "u1, u2 cordoned", "I1 rest", "I1 rest"},
		{"I1: well or not", "u1 critical", "I1 rest", "I1 rest"},
		{"I1: no machine at all", "", "I1 rest", "I1 rest"},
		{"I1: none that is managed", "x1 cordoned, u1 destroyed", "I1 rest", "I1 rest"},
		{"I9: no mark, and all cordoned", "u1 cordoned, u2 cordoned", "I9 person", "I9 person"},

		{"I2: green and nothing older", "g1, g2", "I2 rest", "I2 rest"},
		{"I2: not all of it", "g1, g2 cordoned", "I2 rest", "I2 rest"},
		{"I3: the old release drains", "b1 cordoned, b2 cordoned, g1, g2", "I3 drain", "I3 rest"},
		{"I3: some of green is not there any more", "b1 cordoned, g1", "I3 drain", "I3 rest"},
		{"I3: earlier ones too", "u1 cordoned, b1 cordoned, g1, g2", "I3 drain", "I3 rest"},
		{"I4: some of blue is cordoned", "b1 cordoned, b2, g1, g2", "I4 forward", "I4 forward"},
		{"I4: whatever surplus is cordoned", "b1 cordoned, b2, g1, g2, g3 cordoned", "I4 forward", "I4 forward"},
		{"I4: more than the mark says", "b1 cordoned, b2, g1, g2, g3", "I4 forward", "I4 forward"},
		{"I4: a straggler is uncordoned, and blue is cordoned", "u1 cordoned, s1 of=3, g1, g2", "I4 forward", "I4 forward"},
		{"I3: a straggler is uncordoned, and green is not whole", "u1 cordoned, s1 of=3, g1", "I3 drain", "I3 rest"},
		{"I6: a straggler is uncordoned, and blue is too", "u1, u2, s1 of=3, g1, g2", "I6 back", "I6 back"},
		{"I3: a straggler is cordoned", "u1 cordoned, s1 of=3 cordoned, g1, g2", "I3 drain", "I3 rest"},
		{"I4: green's mark has the time that a row of 1970 lacks", "b1 cordoned, b2, g1, g2, g3 1970", "I4 forward", "I4 forward"},
		{"I3: so it has where blue is cordoned", "b1 cordoned, b2 1970 cordoned, g1, g2 1970", "I3 drain", "I3 rest"},
		{"I6: such green is not at rest beside a part of blue", "b1 cordoned, b2, g1 1970, g2 1970", "I6 back", "I6 back"},
		{"I5: green held, blue as it was", "b1, b2, g1 cordoned, g2 cordoned", "I5 back", "I5 rest"},
		{"I5: some of green is there", "b1, b2, g1 cordoned", "I5 back", "I5 rest"},
		{"I5: earlier ones drain", "e1 cordoned, b1, g1 cordoned", "I5 back", "I5 rest"},
		{"I6: green and blue are uncordoned", "b1, b2, g1, g2", "I6 back", "I6 back"},
		{"I6: a part of green, and blue as it was", "b1, b2, g1, g2 cordoned", "I6 back", "I6 back"},
		{"I6: not as much of green as the mark says", "b1 cordoned, b2, g1", "I6 back", "I6 back"},
		{"I6: green held, a part of blue cordoned", "b1 cordoned, b2, g1 cordoned, g2 cordoned", "I6 back", "I6 back"},
		{"I6: a mark of no machines is not whole", "b1 cordoned, b2, g1 of=0 cordoned", "I6 back", "I6 back"},
		{"I7: a first release that died", "g1 cordoned, g2 cordoned", "I7 back", "I7 back"},
		{"I7: with unmarked machines cordoned that came later", "g1 cordoned, n1 cordoned", "I7 back", "I7 back"},
		{"I9: what nobody knows may be what serves", "g1 cordoned, x1 thin", "I9 person", "I9 person"},
		{"I8: a plain fly deploy has come since", "b1 cordoned, g1 cordoned, n1, n2 cordoned", "I8 drain", "I8 rest"},
		{"I8: and nothing older is there", "g1 cordoned, n1", "I8 drain", "I8 rest"},
		{"I9: nothing serves", "b1 cordoned, g1 cordoned", "I9 person", "I9 person"},
		{"I9: and what came later is cordoned too", "b1 cordoned, g1 cordoned, n1 cordoned", "I9 person", "I9 person"},
	} {
		if got := intents(c.rows, false); got != c.resume {
			t.Errorf("%s (%s): resume: %s, want %s", c.why, c.rows, got, c.resume)
		}
		if got := intents(c.rows, true); got != c.deploy {
			t.Errorf("%s (%s): deploy: %s, want %s", c.why, c.rows, got, c.deploy)
		}
	}
}

func TestIntentDecidesForAllAppsOfAReleaseTogether(t *testing.T) {
	const (
		rest    = "g1, g2"
		drains  = "b1 cordoned, g1, g2"
		cutting = "b1 cordoned, b2, g1, g2"
		held    = "b1, g1 cordoned"
		mixed   = "b1, b2, g1, g2"
		fresh   = "g1 cordoned"
		since   = "b1 cordoned, g1 cordoned, n1"
		dark    = "b1 cordoned, g1 cordoned"
	)
	for _, c := range []struct{ why, one, two, resume, deploy string }{
		{"all are at rest", rest, rest, "I2 rest", "I2 rest"},
		{"some drain", rest, drains, "I3 drain", "I3 rest"},
		{"all drain", drains, drains, "I3 drain", "I3 rest"},
		{"one is half way, one drains", drains, cutting, "I4 forward", "I4 forward"},
		{"one is half way, one has not begun", cutting, mixed, "I6 forward", "I6 forward"},
		{"one is half way, one is at rest", cutting, rest, "I4 forward", "I4 forward"},
		{"one drains, one has not begun", drains, mixed, "I6 forward", "I6 forward"},
		{"one drains, one is held", drains, held, "I5 forward", "I5 forward"},
		{"one serves alone, one is held", rest, held, "I5 forward", "I5 forward"},
		{"one is held, and somebody has deployed one since", held, since, "I8 back", "I8 rest"},
		{"none has begun", mixed, mixed, "I6 back", "I6 back"},
		{"one is held", mixed, held, "I6 back", "I6 back"},
		{"all are held", held, held, "I5 back", "I5 rest"},
		{"all are of a first release", fresh, fresh, "I7 back", "I7 back"},
		{"one is a first release, and another app of it serves", rest, fresh, "I7 forward", "I7 forward"},
		{"somebody has deployed one since", drains, since, "I8 drain", "I8 rest"},
		{"and both", since, since, "I8 drain", "I8 rest"},
		{"one needs a person", cutting, dark, "I9 person", "I9 person"},
		{"one needs a person", dark, rest, "I9 person", "I9 person"},
	} {
		rows := c.one + " | " + c.two
		if got := intents(rows, false); got != c.resume {
			t.Errorf("%s: resume: %s, want %s", c.why, got, c.resume)
		}
		if got := intents(rows, true); got != c.deploy {
			t.Errorf("%s: deploy: %s, want %s", c.why, got, c.deploy)
		}
	}
}

func TestIntentDecidesForEachReleaseOfItsOwn(t *testing.T) {
	for rows, want := range map[string]string{
		"b1 | g2":                              "I2 rest, I2 rest",
		"u1 | u2":                              "I1 rest, I1 rest",
		"u1 cordoned | u2":                     "I9 person, I1 rest",
		"b1, b2, g1, g2 | u1 | b3, b4, g3, g4": "I6 back, I1 rest",
	} {
		if got := intents(rows, false); got != want {
			t.Errorf("%s: %s, want %s", rows, got, want)
		}
	}
	apps := []facts.App{{Name: "one"}, {Name: "two", Want: capacity.Capacity{{Group: "app"}: 1}, Image: true, Before: &fleet.Before{}}, {Name: "three"}}
	lists := []fleet.List{}
	for _, rows := range []string{"b1 cordoned, b2, g1 apps=3 of=1", "u1", "b3, b4, g3 apps=3 of=1"} {
		lists = append(lists, fleet.Believe(fleettest.Rows(rows), nobody))
	}
	ins := Of(apps, lists, false)
	if len(ins) != 2 {
		t.Fatalf("%d releases", len(ins))
	}
	in := ins[0]
	if fmt.Sprint(in.Apps, in.Size, ins[1].Apps) != "[0 2] 3 [1]" || len(in.Goal.Apps) != 2 || in.Goal.Apps[1].Name != "three" {
		t.Errorf("%+v", ins)
	}
	if a := in.Goal.Apps[1]; a.ID != fleettest.Release(2) || a.Size != 1 || !in.Goal.Resumed || !in.Goal.Promoted {
		t.Errorf("%+v", in.Goal)
	}
	if a := ins[1].Goal.Apps[0]; a.Want != nil || a.Image || a.Before.Known() {
		t.Errorf("a release that is there already wants nothing: %+v", a)
	}
}

// An app of an unfinished release may have no machine of it yet, or any more: its green is
// still to be created, was removed, or a later release has taken its place.
func TestIntentNamesTheAppsOfAReleaseThatAreNotGiven(t *testing.T) {
	const green, bare = "b1, g1 mark=ID/2/1/one/two", "b1, g1 mark=ID/2/1"
	for _, c := range []struct{ why, rows, given, want string }{
		{"all are given", green + " | " + green, "one two", ""},
		{"one has no green", green + " | b2", "one two", ""},
		{"one was released since", green + " | e2 cordoned, n2 mark=20261126T120000Z-ffff/1/1", "one two", ""},
		{"the other is not given", green, "one", "two"},
		{"another one is", green + " | b2", "one other", "two"},
		{"two are not given", strings.ReplaceAll(green, "2/1/one", "3/1/one/zero"), "one", "zero, two"},
		{"more are given", green + " | b2 | b3", "one other two", ""},
		{"the mark has no names, and enough are given", bare + " | b2", "one other", ""},
		{"the mark has no names, and too few are given", bare, "one", "the others"},
		{"of one app alone", "b1, g1 of=1", "one", ""},
		{"without a mark", "u1", "one", ""},
	} {
		lists := believe(strings.ReplaceAll(c.rows, "ID", fleettest.Release(2)))
		var apps []facts.App
		for name := range strings.FieldsSeq(c.given) {
			apps = append(apps, facts.App{Name: name})
		}
		if got := Of(apps, lists, false)[0].Missing; got != c.want {
			t.Errorf("%s: missing are %q, want %q", c.why, got, c.want)
		}
	}
}

// Where Back would leave fewer than the floor, nothing is changed.
func TestIntentFindsAPersonWhereBlueWouldNotBeEnough(t *testing.T) {
	for _, c := range []struct{ why, rows, want string }{
		{"blue is ill, and green is whole", "b1 critical, b2, g1, g2", "I4 forward"},
		{"blue is ill, and green is not whole", "b1 critical, b2, g1 of=3, g2 of=3", "I6 person"},
		{"blue's cordoned ones count", "b1 cordoned, b2, g1, g2 cordoned", "I6 back"},
		{"green is held: there is nothing to lose", "b1 critical, g1 cordoned", "I5 back"},
		{"of one app", "b1, b2, g1, g2 | b3 critical, g3, g4", "I6 forward"},
		{"blue of one region", "b1, b2 lhr stopped, g1, g2 lhr", "I4 forward"},
		{"blue at rest, that the proxy starts", "b1, b2 lhr stopped autostart, g1, g2 lhr", "I6 back"},
	} {
		if got := intents(c.rows, false); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	// A deploy takes the place of both.
	if got := intents("b1 critical, b2, g1 of=3, g2 of=3", true); got != "I6 rest" {
		t.Errorf("a deploy: %s", got)
	}
	apps := []facts.App{{Name: "one"}}
	in := Of(apps, []fleet.List{fleet.Believe(fleettest.Rows("b1 critical, g1 of=2"), nobody)}, false)[0]
	if want := "one: release " + fleettest.Release(2) + " and the one before it both serve, and the older machines alone are too few in group app in iad: deploy again"; in.Person != want {
		t.Errorf("%s", in.Person)
	}
	in = Of(apps, []fleet.List{fleet.Believe(fleettest.Rows("u1 cordoned"), nobody)}, false)[0]
	if want := "one: no machine serves, and flydrain cannot tell which release should: uncordon the machines of one release, and deploy again"; in.Person != want {
		t.Errorf("%s", in.Person)
	}
}
