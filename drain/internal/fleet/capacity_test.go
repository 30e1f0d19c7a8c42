package fleet

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func config(t *testing.T, text string) flyctl.AppConfig {
	t.Helper()
	var cfg flyctl.AppConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func (c Capacity) String() string {
	var parts []string
	for _, s := range c.Slots() {
		text := fmt.Sprintf("%d %s", c[s], s.Group)
		if s.Region != "" {
			text += " " + s.Region
		}
		if s.Guest != (flyctl.Guest{}) {
			text += fmt.Sprintf(" %d", s.Guest.MemoryMB)
		}
		if s.Standby {
			text += " standby"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

const both = `{"processes": {"app": "serve", "worker": "work"}}`

// Green is as strong as blue in each group, region and size.
func TestWantedIsWhatBlueHasInTheGroupsOfFlyToml(t *testing.T) {
	for _, c := range []struct{ why, blue, toml, want string }{
		{"in each region", "b1, b2 lhr, b3 lhr, b4 nrt", `{}`, "1 app iad, 2 app lhr, 1 app nrt"},
		{"a new group gets one machine, wherever flyctl creates it", "b1, b2", both, "2 app iad, 1 worker"},
		{"a group that fly.toml dropped gets none", "b1, b2 worker", `{}`, "1 app iad"},
		{"what the proxy has stopped counts", "b1 stopped autostart, b2 stopped, b3", `{}`, "3 app iad"},
		{"what is ill counts, and what is cordoned, as the caller chose it", "b1 critical, b2 cordoned", `{}`, "2 app iad"},
		{"sizes are blue's", "b1 mb=256, b2 mb=256, b3 mb=512", `{}`, "2 app iad 256, 1 app iad 512"},
		{"unless fly.toml has one for all", "b1 mb=256, b2 mb=512", `{"vm": [{}]}`, "2 app iad"},
		{"or for a group", "b1 mb=256, b2 worker mb=512", `{"processes": {"app": "", "worker": ""}, "vm": [{"processes": ["worker"]}]}`, "1 app iad 256, 1 worker iad"},
		{"standbys stay standbys", "b1 worker, b2 worker stopped standby=b1", both, "1 app, 1 worker iad, 1 worker iad standby"},
		{"nothing at all: one of each group", "", both, "1 app, 1 worker"},
	} {
		w := Wanted(list(c.blue), config(t, c.toml))
		same(t, c.why, w.String(), c.want)
		n := 0
		for _, k := range w {
			n += k
		}
		if w.Total() != n {
			t.Errorf("%s: %d in all", c.why, w.Total())
		}
	}
}

func TestMatchSaysWhatIsMissingAndWhatIsSurplus(t *testing.T) {
	for _, c := range []struct{ why, blue, toml, green, missing, surplus string }{
		{"nothing is there", "b1, b2 lhr", `{}`, "", "1 app iad, 1 app lhr", ""},
		{"some is", "b1, b2, b3 lhr", `{}`, "g1, g2 lhr", "1 app iad", ""},
		{"all is", "b1, b2 lhr", `{}`, "g1 lhr, g2", "", ""},
		{"more than all: those that come first are kept", "b1", `{}`, "g3, g1, g2", "", "g1 g2"},
		{"in a region too many", "b1, b2 lhr", `{}`, "g1, g2", "1 app lhr", "g2"},
		{"of its size", "b1 mb=512, b2 mb=256", `{}`, "g1 mb=256, g2 mb=512", "", ""},
		{"of a size that is not wanted", "b1 mb=512", `{}`, "g1 mb=256", "1 app iad 512", "g1"},
		{"of fly.toml's size, whichever", "b1 mb=512", `{"vm": [{}]}`, "g1 mb=256", "", ""},
		{"a new group anywhere", "b1", both, "g1 worker nrt", "1 app iad", ""},
		{"of another group", "b1", `{}`, "g1 jobs", "1 app iad", "g1"},
		{"a standby is no principal", "b1 worker, b2 worker standby=b1", both, "g1 worker standby=g9", "1 app, 1 worker iad", ""},
		{"and a principal no standby", "b1 worker, b2 worker standby=b1", both, "g1 worker, g2 worker", "1 app, 1 worker iad standby", "g2"},
	} {
		want := Wanted(list(c.blue), config(t, c.toml))
		text := want.String()
		missing, surplus := want.Match(list(c.green))
		same(t, c.why+": missing", missing.String(), c.missing)
		same(t, c.why+": surplus", ids(surplus), c.surplus)
		same(t, c.why+": the capacity itself", want.String(), text)
	}
}

func TestSlotsHaveAFixedOrderWithStandbysAfterWhomTheyStandInFor(t *testing.T) {
	var c Capacity = map[Slot]int{}
	want := []Slot{
		{Group: "app", Region: "iad"},
		{Group: "app", Region: "iad", Guest: sized(256, 1, "shared")},
		{Group: "app", Region: "iad", Guest: sized(256, 2, "shared")},
		{Group: "app", Region: "iad", Guest: sized(256, 2, "performance")},
		{Group: "app", Region: "iad", Guest: sized(512, 1, "shared")},
		{Group: "app", Region: "iad", Guest: flyctl.Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 512, GPUs: 1, GPUKind: "a10"}},
		{Group: "app", Region: "iad", Guest: flyctl.Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 512, GPUs: 1, GPUKind: "l40s"}},
		{Group: "app", Region: "iad", Guest: flyctl.Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 512, GPUs: 2, GPUKind: "a10"}},
		{Group: "app", Region: "lhr"},
		{Group: "app", Region: "ams", Standby: true},
		{Group: "worker"},
	}
	for _, s := range want {
		c[s] = 1
	}
	for range 10 {
		if got := c.Slots(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v", got)
		}
	}
	same(t, "groups", strings.Join(c.Groups(), " "), "app worker")
}

func TestAGroupHasAPrincipalUnlessOnlyStandbysAreMissing(t *testing.T) {
	c := Capacity{{Group: "app"}: 1, {Group: "worker", Standby: true}: 1, {Group: "jobs", Standby: true}: 1, {Group: "jobs"}: 1}
	for group, want := range map[string]bool{"app": true, "worker": false, "jobs": true, "other": false} {
		if c.HasPrincipal(group) != want {
			t.Errorf("%s: %v", group, !want)
		}
	}
}

func TestAStandbyStandsInForOneOfItsOwnRegionWhereThereIsOne(t *testing.T) {
	for green, want := range map[string]string{
		"g1 worker lhr, g2 worker, g3 worker":            "g2",
		"g1 worker lhr, g2 worker nrt":                   "g2",
		"g1, g2 worker standby=g9, g3 worker lhr":        "g3",
		"g1, g2 worker standby=g9":                       "",
		"g1 worker standby=g9, g2 worker, g3 worker lhr": "g2",
	} {
		same(t, green, Slot{Group: "worker", Region: "iad", Standby: true}.Principal(list(green)), want)
	}
}

func TestAMachineIsClonedFromOneOfItsGroupOnAHostThatIsWell(t *testing.T) {
	iad := Slot{Group: "app", Region: "iad"}
	for _, c := range []struct {
		slot          Slot
		earlier, rows string
		want          string
	}{
		{iad, "", "g1 worker, g2 lhr, g3", "g2"},
		{iad, "g1", "g1 thin, g2 critical", "g2"},
		{iad, "g1", "g1 unreachable", ""},
		{iad, "", "g1 worker", ""},
		{iad, "", "g1 standby=g2, g2", "g2"}, // a clone of a standby is a standby
		{iad, "", "g1 standby=g9", ""},
		{iad, "", "", ""},
		{Slot{Group: "app"}, "", "g1", ""}, // a new group's machine comes by a deploy
	} {
		got := ""
		if m := c.slot.Source(after(c.earlier, c.rows)); m != nil {
			got = m.ID
		}
		same(t, c.rows, got, c.want)
	}
}

func TestFlyctlsFirstMachinesAreLargeEnoughForEachGroup(t *testing.T) {
	for rows, want := range map[string]int{"": 0, "b1": 0, "b1 mb=256, b2 worker mb=1024, b3 mb=512": 1024} {
		if g := Largest(list(rows)); g.MemoryMB != want {
			t.Errorf("%s: %v", rows, g)
		}
	}
	l := list("b1 mb=256, b2 mb=512")
	l[1].Config.Guest.GPUs, l[1].Config.Guest.GPUKind = 1, "a10"
	if g := Largest(l); g.MemoryMB != 512 || g.GPUs != 0 || g.GPUKind != "" {
		t.Errorf("%+v", g)
	}
}
