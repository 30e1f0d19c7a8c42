package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// groups refuses groups that are not in fly.toml, and to leave out one that has
// machines: they would serve on beside the new release.
func (x *examination) groups() *Refusal {
	for _, g := range x.Groups {
		if !slices.Contains(x.Config.Groups(), g) {
			return x.refuse("", "fly.toml has no process group %s (Groups, -groups): it has %s", g, strings.Join(x.Config.Groups(), ", "))
		}
	}
	for _, m := range x.blue {
		if g := m.Group(); len(x.Groups) > 0 && !slices.Contains(x.Groups, g) && slices.Contains(x.Config.Groups(), g) {
			return x.refuse(m.ID, "group %s has machines, so it must be released too: add it to Groups (-groups), or scale it to 0", g)
		}
	}
	return nil
}

// machines refuses machines that cannot be released blue-green, and warns of those that
// may disturb a release.
func (x *examination) machines() *Refusal {
	l := slices.Concat(x.All.Managed(), x.All.Unknown())
	of := func(is func(*fleet.Machine) bool) string { return strings.Join(l.Where(is).IDs(), " ") }
	released := func(m *fleet.Machine) bool { return slices.Contains(x.cfg.Groups(), m.Group()) }
	volumes := of(func(m *fleet.Machine) bool { return len(m.Config.Mounts) > 0 && released(m) })
	unreachable := strings.Join(l.Thin().IDs(), " ")
	switch {
	case volumes != "":
		return x.refuse("", "machines with volumes cannot be released blue-green, because a volume belongs to one machine: %s", volumes)
	case unreachable != "" && !x.Unreachable:
		return x.refuse("", "Fly cannot reach the hosts of these machines, so their state is unknown: %s: wait, or continue all the same (AllowUnreachable, -allow-unreachable)", unreachable)
	case unreachable != "":
		x.warn("Fly cannot reach the hosts of %s", unreachable)
	}
	for _, m := range x.blue {
		if m.Config.Guest.GPUs > 0 && released(m) {
			return x.refuse(m.ID, "machine %s has a GPU, and flyctl creates no machines with GPUs any more (since v0.4.82): use fly deploy", m.ID)
		}
	}
	if leased := of(func(m *fleet.Machine) bool { return m.Nonce != "" }); leased != "" {
		x.warn("somebody else is at work on these machines (they hold a lease), and a cordon that waits longer than 2 minutes for it undoes the release: %s", leased)
	}
	for _, m := range l.Cordoned() { // beside machines of its own release that serve; of a release before, it drains
		if slices.ContainsFunc(x.blue, func(o *fleet.Machine) bool { return o.Mark.ID == m.Mark.ID }) {
			x.warn("machine %s was cordoned outside flydrain: it drains, and green has no machine in its place, so capacity shrinks; to keep it: fly machine uncordon -a %s %[1]s", m.ID, x.Name)
		}
	}
	if beside := l.Cordoned().Where(func(m *fleet.Machine) bool { return m.Mark.ID != "" }).IDs(); len(beside) > 0 {
		x.warn("machines that drain beside this release: %d (%s): they cost what the others cost", len(beside), strings.Join(beside, " "))
	}
	return nil
}

// strangers warns of machines that "fly deploy" did not create, and that take connections
// on a port of the app's.
func (x *examination) strangers() *Refusal {
	for _, m := range x.All {
		if m.Managed() || m.Gone() {
			continue
		}
		for _, port := range publicPorts(m) {
			if slices.ContainsFunc(x.blue, func(b *fleet.Machine) bool { return slices.Contains(publicPorts(b), port) }) {
				x.warn("machine %s, which fly deploy does not manage, has a service on port %d too: it keeps serving beside the new release: fly machine destroy -a %s %[1]s, if it is not meant to", m.ID, port, x.Name)
			}
		}
	}
	return nil
}

// publicPorts are those on which Fly's proxy takes connections for a machine.
func publicPorts(m *fleet.Machine) []int {
	var ports []int
	for _, s := range m.Config.Services {
		for _, p := range s.Ports {
			ports = append(ports, p.Port)
		}
	}
	return slices.DeleteFunc(ports, func(p int) bool { return p == 0 })
}

// losses refuses what people have set on machines and a new machine does not get: "fly
// deploy" keeps it, as it updates machines. What fly.toml says itself, green gets. What
// only costs money is a warning.
func (x *examination) losses() *Refusal {
	lost := map[string][]string{} // the machines, by field and value
	for _, m := range x.blue {
		for field, value := range m.Config.Kept {
			if slices.Contains(x.cfg.Groups(), m.Group()) && !capacity.Sets(x.Config, field) {
				lost[field+"\x00"+string(value)] = append(lost[field+"\x00"+string(value)], m.ID)
			}
		}
	}
	for _, of := range slices.Sorted(maps.Keys(lost)) {
		field, value, _ := strings.Cut(of, "\x00")
		text := fmt.Sprintf("a new machine does not get %s, which was set on %s and which fly deploy keeps: put it into fly.toml, for all groups: machine_config = '%s'",
			field, strings.Join(lost[of], " "), nested(field, value))
		if field == "spot" || x.LoseConfig {
			x.warn("%s: %s", x.Name, text)
			continue
		}
		return x.refuse(lost[of][0], "%s; or give it up (LoseConfig, -lose-config)", text)
	}
	return nil
}

// nested is a field such as guest.kernel_args and its value as JSON.
func nested(field, value string) string {
	outer, inner, deep := strings.Cut(field, ".")
	if deep {
		value = fmt.Sprintf("{%q: %s}", inner, value)
	}
	return fmt.Sprintf("{%q: %s}", outer, value)
}
