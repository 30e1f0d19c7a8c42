package fleet

import "testing"

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
