package rollout

import (
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

func idsOf(l fleet.List) string { return strings.Join(l.IDs(), " ") }

func TestMachinesAreGreenSurplusOrOld(t *testing.T) {
	s := tell(t, `
		deploy from e1 cordoned, b1 | b2
		list e1 cordoned, b1 | b2 → F4 …
		do
		list e1 cordoned, b1, g1 cordoned, g3 cordoned | b2, g2 cordoned → F5
	`)
	for app, want := range []string{"g1, surplus g3, old b1 e1", "g2, surplus , old b2"} {
		v := standing.One(s.goal, s.facts, app, s.lists[app])
		if got := idsOf(v.Kept()) + ", surplus " + idsOf(v.Surplus()) + ", old " + idsOf(v.Old()); got != want {
			t.Errorf("app %d: green is %s, want %s", app, got, want)
		}
	}
}

func TestUnlistedAreGreenMachinesThatAreThereAndNotListed(t *testing.T) {
	s := tell(t, `
		deploy from b1, b2
		list b1, b2 → F4 deploy#1
		begin
		end deploy#1 made g1
		list b1, b2, g1 cordoned, g2 cordoned → F5
	`)
	for rows, want := range map[string]string{
		"b1, b2, g1 cordoned, g2 cordoned":          "",
		"b1, b2, g2 cordoned":                       "g1",
		"b1, b2":                                    "g1 g2",
		"g1 cordoned, g2 cordoned":                  "", // blue is not green
		"b1, b2, g1 cordoned, g2 destroyed":         "",
		"b1, b2, g1 cordoned, g2 cordoned, x9 thin": "x9", // it may be green
	} {
		if got := strings.Join(standing.One(s.goal, s.facts, 0, s.believe(rows)[0]).MayBeLeft(), " "); got != want {
			t.Errorf("%s: %q, want %q", rows, got, want)
		}
	}
	s = tell(t, `
		deploy from b1
		list b1 → F4 deploy#1
		begin
		end deploy#1 made g1
	`)
	if got := standing.One(s.goal, s.facts, 0, s.believe("b1, g1 thin")[0]).MayBeLeft(); len(got) != 1 {
		t.Errorf("what flyctl named, and no row has said anything of, is %v", got)
	}
}

// A row that says nothing does not make a machine cordoned that this run has uncordoned.
func TestGreenMayBeUncordonedWhereTheListDoesNotSay(t *testing.T) {
	for _, c := range []struct{ story, rows, want string }{
		{whenPromoted, "b1, b2, g1, g2 thin", "g1 g2"},
		{whenPromoted, "b1, b2, g2 cordoned", "g1"},
		{whenHeld, "b1, b2, g1, g2 thin", "g1"},
	} {
		s := tell(t, c.story)
		if got := strings.Join(standing.One(s.goal, s.facts, 0, s.believe(c.rows)[0]).Open(), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.rows, got, c.want)
		}
	}
}

// B8: no machine is destroyed while its place needs a serving machine and has none.
func TestAMachineIsSparedWhileNothingServesInItsPlace(t *testing.T) {
	s := tell(t, cordoned("", "b1, b2 lhr, b3 worker", "g1, g2 lhr, g3 worker")+`
		list b1 cordoned, b2 lhr cordoned, b3 worker cordoned, g1, g2 lhr, g3 worker → F19 …
	`)
	list := s.believe("b1 cordoned, b2 lhr cordoned, b3 worker cordoned, g1, g2 lhr critical")[0]
	for id, want := range map[string]string{"b1": "", "b2": "nothing serves in group app in lhr", "b3": "", "q9": ""} {
		if got := standing.One(s.goal, s.facts, 0, list).Spared(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

// Lists follow each other closely while something looks wrong.
func TestARunIsUnsureWhileSomethingLooksWrong(t *testing.T) {
	for text, want := range map[string]bool{
		``:                             false,
		`list b1 cordoned, g1, g2`:     true, // somebody has destroyed b2, or the list is short
		`list b1, b2 cordoned, g1, g2`: true,
		`list b1 cordoned, b2 cordoned, g1 cordoned, g2`: false, // its place is served
		`list b1 cordoned, b2 cordoned, g1`:              true,
		`list b1 cordoned, b2 cordoned, g1 critical, g2`: true,
		"do\nlist g1, g2": false, // we have destroyed it
	} {
		if s := tell(t, whenOver+text); s.facts.Unsure() != want {
			t.Errorf("%s: %v, want %v", text, !want, want)
		}
	}
	if s := tell(t, whenCordoned+`
		+15s list b1, b2 cordoned, g1, g2 → F10
		+10s again → F13 cordon b1
		do
		+15s again → F13 cordon b1
		do
		+15s again → F1 fail
		turn
		decide → B2 uncordon b1 b2
		do
		list b1, b2, g1, g2 → B3
		+10s again → B5 cordon g1 g2
		do
		list b1, b2, g1 cordoned, g2 cordoned → B8
	`); s.facts.Unsure() {
		t.Error("green that we have cordoned was cordoned by somebody else")
	}
	if s := tell(t, illAndHeld+"again → B8 drain g1 g2\ndo\nlist b1, b2 → B9 undone"); s.facts.Unsure() {
		t.Error("green that we have destroyed is missed")
	}
}

func TestARunIsCreatingWhileADeployOrACloneIsUnderWay(t *testing.T) {
	story := `
		deploy from b1, b2
		list b1, b2 → F4 deploy#1
	`
	for _, step := range []struct {
		text string
		want bool
	}{
		{"", false},
		{"begin", true},
		{"end deploy#1\nlist b1, b2, g1 cordoned → F4 clone#2 g1 app iad", false},
		{"begin", true},
		{"end clone#2 g1 app iad made g2\nagain → F2 cordon g2\nbegin", false},
	} {
		story += step.text + "\n"
		if s := tell(t, story); s.facts.Creating() != step.want {
			t.Errorf("%v, want %v, after\n%s", !step.want, step.want, story)
		}
	}
}
