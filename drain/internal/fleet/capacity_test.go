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
		if s.Rest {
			text += " at rest"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

const startable = `{"http_service": {"auto_start_machines": true}}`

const both = `{"processes": {"app": "serve", "worker": "work"}}`

// Green is as strong as blue in each group, region and size.
func TestWantedIsWhatBlueHasInTheGroupsOfFlyToml(t *testing.T) {
	for _, c := range []struct{ why, blue, toml, want string }{
		{"in each region", "b1, b2 lhr, b3 lhr, b4 nrt", `{}`, "1 app iad, 2 app lhr, 1 app nrt"},
		{"a new group gets one machine, wherever flyctl creates it", "b1, b2", both, "2 app iad, 1 worker"},
		{"a group that fly.toml dropped gets none", "b1, b2 worker", `{}`, "1 app iad"},
		{"what the proxy has stopped is at rest", "b1 stopped autostart, b2 suspended autostart, b3", startable, "1 app iad, 2 app iad at rest"},
		{"but not where fly.toml lets it start none any more", "b1 stopped autostart, b2", `{"http_service": {}}`, "2 app iad"},
		{"nor where only another group's service may", "b1 stopped autostart, b2", `{"processes": {"app": "", "web": ""}, "services": [{"processes": ["app"]}, {"processes": ["web"], "auto_start_machines": true}]}`, "2 app iad, 1 web"},
		{"what its owner has stopped and nobody starts stays so", "b1 stopped, b2", `{"http_service": {}}`, "1 app iad, 1 app iad at rest"},
		{"but for one where it has stopped all, in the primary region", "b1 lhr stopped autostart, b2 stopped autostart, b3 stopped autostart", `{"primary_region": "iad", "http_service": {"auto_start_machines": true}}`, "1 app iad, 1 app iad at rest, 1 app lhr at rest"},
		{"and elsewhere if there is none there", "b1 lhr stopped autostart, b2 nrt stopped autostart", `{"primary_region": "iad", "http_service": {"auto_start_machines": true}}`, "1 app lhr, 1 app nrt at rest"},
		{"nor where one runs elsewhere", "b1 lhr, b2 stopped autostart", `{"primary_region": "iad", "http_service": {"auto_start_machines": true}}`, "1 app lhr, 1 app iad at rest"},
		{"of its sizes the first", "b1 stopped, b2 lhr stopped mb=512, b3 lhr stopped mb=1024, b4 nrt stopped", `{"primary_region": "lhr", "http_service": {}}`, "1 app lhr 512, 1 app iad at rest, 1 app lhr 1024 at rest, 1 app nrt at rest"},
		{"what its owner has stopped is at rest, all of it too", "b1, b2 worker stopped, b3 worker stopped", both, "1 app iad, 2 worker iad at rest"},
		{"so is a program that ended with 0", "b1, b2 worker stopped exit=0", both, "1 app iad, 1 worker iad at rest"},
		{"not one that failed", "b1, b2 worker stopped exit=1", both, "1 app iad, 1 worker iad"},
		{"nor one that nobody can reach", "b1, b2 worker stopped unreachable", both, "1 app iad, 1 worker iad"},
		{"what is ill counts, and what is cordoned, as the caller chose it", "b1 critical, b2 cordoned", `{}`, "2 app iad"},
		{"sizes are blue's", "b1 mb=256, b2 mb=256, b3 mb=512", `{}`, "2 app iad 256, 1 app iad 512"},
		{"unless fly.toml has one for all", "b1 mb=256, b2 mb=512", `{"vm": [{}]}`, "2 app iad"},
		{"or for a group", "b1 mb=256, b2 worker mb=512", `{"processes": {"app": "", "worker": ""}, "vm": [{"processes": ["worker"]}]}`, "1 app iad 256, 1 worker iad"},
		{"a standby of a group that has a service now is at rest", "b1 worker, b2 worker stopped standby=b1", `{"processes": {"worker": ""}, "services": [{"processes": ["worker"]}]}`, "1 worker iad, 1 worker iad at rest"},
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
		{"what runs fills what is to run, and what does not the rest", "b1, b2 stopped autostart", `{}`, "g1 stopped autostart, g2, g3", "", "g3"},
		{"what runs may have to stop", "b1, b2 stopped autostart", `{}`, "g1, g2", "", ""},
		{"a standby is not a principal", "b1 worker, b2 worker standby=b1", both, "g1 worker standby=g9", "1 app, 1 worker iad", ""},
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

func TestWhatRunsIsCreatedBeforeWhatRestsAndStandbysLast(t *testing.T) {
	runs, rests, standby := Slot{Group: "worker"}, Slot{Group: "worker", Rest: true}, Slot{Group: "worker", Standby: true}
	for _, c := range []struct {
		slot    Slot
		missing Capacity
		want    bool
	}{
		{runs, Capacity{runs: 1, rests: 1, standby: 1}, false},
		{rests, Capacity{runs: 1, rests: 1, standby: 1}, true},
		{rests, Capacity{rests: 1, standby: 1}, false},
		{standby, Capacity{runs: 1, standby: 1}, true},
		{standby, Capacity{rests: 1, standby: 1}, true},
		{standby, Capacity{standby: 1}, false},
		{standby, Capacity{{Group: "app"}: 1, standby: 1}, false},
	} {
		if got := c.missing.Before(c.slot); got != c.want {
			t.Errorf("%v of %v: %v", c.slot, c.missing, got)
		}
	}
}

func TestWhatRestsIsTheLastThatFillsItsSlots(t *testing.T) {
	for _, c := range []struct{ blue, green, want string }{
		{"b1, b2", "g1 stopped, g2", ""},
		{"b1, b2 stopped", "g1, g2", "g2"},
		{"b1, b2 stopped", "g1 stopped, g2", "g1"},
		{"b1, b2 worker stopped", "g1, g2 worker", "g2"},
		{"b1, b2 worker stopped", "g1, g2 worker, g3 worker", "g2"},
	} {
		same(t, c.green, ids(Wanted(list(c.blue), config(t, both)).Resting(list(c.green))), c.want)
	}
	same(t, "all of them", ids(Capacity{{Group: "worker", Region: "iad", Rest: true}: 1}.Resting(list("g1 worker"))), "g1")
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

func TestAGroupIsLoneWhereItIsToHaveNoMachineInThePrimaryRegion(t *testing.T) {
	for _, c := range []struct{ blue, region, want string }{
		{"b1 lhr, b2 lhr mb=512, b3 nrt", "iad", "lhr, nrt"},
		{"b1 lhr, b2", "iad", ""},
		{"b1 lhr, b2 worker", "iad", "lhr"},
		{"b1 lhr", "", ""},
		{"b2 worker", "lhr", ""}, // flyctl creates app's only one, wherever it likes
	} {
		same(t, c.blue, Wanted(list(c.blue), config(t, both)).Lone("app", c.region), c.want)
	}
}

func TestAGroupsFirstMachineHasASizeThatIsWantedWhereFlyctlCreatesIt(t *testing.T) {
	for _, c := range []struct {
		blue string
		want int
	}{
		{"b1 mb=512, b2 worker mb=1024", 512},
		{"b1 mb=256, b2 worker mb=1024", 0}, // flyctl's default
		{"b1 mb=512, b2 mb=256", 512},
		{"b1 mb=512, b2 lhr mb=1024", 512},
		{"b1 lhr mb=256, b2 iad mb=512", 512},
		{"b1 lhr mb=256, b2 nrt mb=512", 512},
		{"b2 worker mb=1024", 0},
	} {
		if got := Wanted(list(c.blue), config(t, both)).First("app", "iad").MemoryMB; got != c.want {
			t.Errorf("%s: %d MB", c.blue, got)
		}
	}
}
