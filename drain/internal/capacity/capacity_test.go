package capacity

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

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
		missing, surplus, _ := want.Match(list(c.green))
		same(t, c.why+": missing", missing.String(), c.missing)
		same(t, c.why+": surplus", ids(surplus), c.surplus)
		same(t, c.why+": the capacity itself", want.String(), text)
	}
}

func TestSlotsHaveAFixedOrderWithStandbysAfterWhomTheyStandInFor(t *testing.T) {
	var c Capacity = map[fleet.Slot]int{}
	want := []fleet.Slot{
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
	runs, rests, standby := fleet.Slot{Group: "worker"}, fleet.Slot{Group: "worker", Rest: true}, fleet.Slot{Group: "worker", Standby: true}
	for _, c := range []struct {
		slot    fleet.Slot
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
		_, _, rest := Wanted(list(c.blue), config(t, both)).Match(list(c.green))
		same(t, c.green, ids(rest), c.want)
	}
	_, _, rest := Capacity{{Group: "worker", Region: "iad", Rest: true}: 1}.Match(list("g1 worker"))
	same(t, "all of them", ids(rest), "g1")
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

func sized(mb, cpus int, kind string) flyctl.Guest {
	return flyctl.Guest{CPUKind: kind, CPUs: cpus, MemoryMB: mb}
}
