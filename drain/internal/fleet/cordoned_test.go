package fleet

import (
	"testing"
	"time"
)

func TestACordonIsDatedNeitherEarlierThanItWasNorInTheFuture(t *testing.T) {
	const v1, v2, v3 = "20261122T200000Z-aaaa", "20261122T210000Z-bbbb", "20261122T220000Z-cccc"
	at := func(clock string) time.Time {
		got, err := time.Parse(time.DateTime, "2026-11-22 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	machine := func(id, release, created string, change ...func(*Machine)) *Machine {
		m := &Machine{Mark: Mark{ID: release, Apps: 1, Machines: 2}}
		m.ID, m.CreatedAt, m.UpdatedAt, m.State = id, at(created), at(created), "started"
		m.Config.Metadata = map[string]string{"fly_process_group": "app", "fly_platform_version": "v2"}
		for _, c := range change {
			c(m)
		}
		return m
	}
	cordoned := func(m *Machine) { m.Cordoned = true }
	lost := func(m *Machine) { m.Thin, m.HostStatus = true, "unreachable" }
	green := []*Machine{machine("g1", v2, "21:00:05"), machine("g2", v2, "21:03:00")}
	for name, c := range map[string]struct {
		m    *Machine
		open []*Machine
		want string
	}{
		"by the last machine of its successor":       {machine("m", v1, "20:00:05", cordoned), green, "21:13:00"},
		"of a release that is not ours":              {machine("m", "", "19:00:00", cordoned), green, "21:13:00"},
		"by a successor of its successor":            {machine("m", v1, "20:00:05", cordoned), []*Machine{machine("h1", v3, "22:00:05"), machine("h2", v3, "22:00:06")}, "22:10:06"},
		"updated since":                              {machine("m", v1, "20:00:05", cordoned, func(m *Machine) { m.UpdatedAt = at("23:00:00") }), green, "23:00:00"},
		"updated before that":                        {machine("m", v1, "20:00:05", cordoned, func(m *Machine) { m.UpdatedAt = at("21:04:00") }), green, "21:13:00"},
		"after a rollback":                           {machine("m", v3, "22:00:05", cordoned), green, ""},
		"of the release that serves":                 {machine("m", v2, "21:00:05", cordoned), append(green, machine("g3", v2, "21:00:07")), ""},
		"created since by somebody else":             {machine("m", "", "21:30:00", cordoned), green, ""},
		"a straggler":                                {machine("m", v1, "21:30:00", cordoned), green, ""},
		"its successor is not whole":                 {machine("m", v1, "20:00:05", cordoned), green[:1], ""},
		"its successor is not ours":                  {machine("m", v1, "20:00:05", cordoned), []*Machine{machine("x", "", "22:00:00")}, ""},
		"several releases serve":                     {machine("m", v1, "20:00:05", cordoned), append([]*Machine{machine("h1", v3, "22:00:05")}, green...), ""},
		"nothing serves":                             {machine("m", v1, "20:00:05", cordoned), nil, ""},
		"its row is thin":                            {machine("m", v1, "20:00:05", cordoned, func(m *Machine) { m.Thin = true }), green, ""},
		"its host is lost":                           {machine("m", v1, "20:00:05", cordoned, lost), green, "21:13:00"},
		"its host is lost, and nobody knows it":      {machine("m", "", "20:00:05", cordoned, lost, func(m *Machine) { m.CreatedAt = time.Time{} }), green, ""},
		"its successor is a moment old":              {machine("m", v1, "20:00:05", cordoned), []*Machine{machine("h1", v3, "23:25:00"), machine("h2", v3, "23:25:00")}, "23:30:00"},
		"an unmanaged machine is nobody's successor": {machine("m", v1, "20:00:05", cordoned), append([]*Machine{machine("u", v2, "21:40:00", func(m *Machine) { m.Config.Metadata = nil })}, green...), "21:13:00"},
	} {
		l, got := append(List{c.m}, c.open...), ""
		if by := l.CordonedBy(c.m, 10*time.Minute, at("23:30:00")); !by.IsZero() {
			got = by.Format(time.TimeOnly)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if !l.CordonedBy(c.m, 0, at("23:30:00")).IsZero() {
			t.Errorf("%s: it is dated, though a release may take as long as it likes", name)
		}
	}
}
