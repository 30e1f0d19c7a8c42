package check

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

const both = `{"app": "my-app", "processes": {"app": "serve", "worker": "work"}}`

func only(groups ...string) func(*App) { return func(a *App) { a.Groups = groups } }

func TestGroupsThatAreReleasedAreThoseOfFlyTomlWithMachines(t *testing.T) {
	for _, c := range []look{
		{why: "all", toml: both, machines: "b1, b2 worker", app: only("worker", "app")},
		{why: "one that fly.toml lacks", toml: both, machines: "b1", app: only("web"), refuses: "has no process group web (Groups, -groups): it has app, worker"},
		{why: "one with machines is left out", toml: both, machines: "b1, b2 worker", app: only("app"), refuses: "group worker has machines, so it must be released too"},
		{why: "one without machines is left out", toml: both, machines: "b1", app: only("app")},
		{why: "one whose machines drain is left out", toml: both, machines: "e2 worker cordoned mark=, b1", app: only("app")},
		{why: "one that fly.toml has no more", toml: both, machines: "b1, b2 web", app: only("app", "worker"), warns: "no process group web"},
	} {
		c.run(t)
	}
}

// on changes the machines of a list, whose rows are shared with it.
func on(id string, change func(m *fleet.Machine)) func(*App) {
	return func(a *App) { change(a.All.Find(id)) }
}

func TestMachinesAreRefusedThatCannotBeReleased(t *testing.T) {
	volume := func(m *fleet.Machine) { m.Config.Mounts = []json.RawMessage{[]byte("{}")} }
	gpu := func(m *fleet.Machine) { m.Config.Guest.GPUs = 1 }
	for _, c := range []look{
		{why: "a volume", toml: web, machines: "b1, b2", app: on("b2", volume), refuses: "because a volume belongs to one machine: b2"},
		{why: "a volume of a group that fly.toml has no more", toml: web, machines: "b1, b2 worker", app: on("b2", volume), warns: "no process group worker"},
		{why: "a GPU", toml: web, machines: "b1, b2", app: on("b2", gpu), refuses: "machine b2 has a GPU"},
		{why: "a GPU of a machine that drains", toml: web, machines: "b1, e2 cordoned mark=", app: on("e2", gpu)},
		{why: "a GPU of a group that fly.toml has no more", toml: web, machines: "b1, b2 worker", app: on("b2", gpu), warns: "no process group worker"},
		{why: "a host out of reach", toml: web, machines: "b1, b2 unreachable", refuses: "so their state is unknown: b2"},
		{why: "a row that says nothing", toml: web, machines: "b1, u2 thin", refuses: "so their state is unknown: u2"},
		{why: "a host out of reach that is put up with", toml: web, machines: "b1, b2 unreachable", app: func(a *App) { a.Unreachable = true }, warns: "Fly cannot reach the hosts of b2"},
	} {
		c.run(t)
	}
}

func TestMachinesAreWarnedAboutThatMayDisturb(t *testing.T) {
	port := func(id string, port int) func(*App) {
		return on(id, func(m *fleet.Machine) {
			if err := json.Unmarshal(fmt.Appendf(nil, `{"ports": [{"port": %d}]}`, port), &m.Config.Services[0]); err != nil {
				t.Fatal(err)
			}
		})
	}
	beside := func(ports ...func(*App)) func(*App) {
		return func(a *App) {
			for _, set := range ports {
				set(a)
			}
		}
	}
	for _, c := range []look{
		{why: "a lease", toml: web, machines: "b1", app: on("b1", func(m *fleet.Machine) { m.Nonce = "x" }), warns: "somebody else is at work on these machines (they hold a lease), and a cordon that waits longer than 2 minutes for it undoes the release: b1"},
		{why: "a machine cordoned beside its release", toml: web, machines: "u1, u2 cordoned", warns: "machine u2 was cordoned outside flydrain: it drains, and green has no machine in its place, so capacity shrinks; to keep it: fly machine uncordon -a my-app u2"},
		{why: "an older release drains", toml: web, machines: "e1 cordoned, e2 cordoned, b1", warns: "machines that drain beside this release: 2 (e1 e2)"},
		{why: "an older release without marks drains", toml: web, machines: "u1 cordoned, b1"},
		{why: "a machine of others on the same port", toml: web, machines: "b1, x1", app: beside(port("b1", 443), port("x1", 443)),
			warns: "machine x1, which fly deploy does not manage, has a service on port 443 too: it keeps serving beside the new release: fly machine destroy -a my-app x1"},
		{why: "a machine of others on another port", toml: web, machines: "b1, x1", app: beside(port("b1", 443), port("x1", 444))},
		{why: "a machine of others that is gone", toml: web, machines: "b1, x1 destroyed", app: beside(port("b1", 443), port("x1", 443))},
		{why: "two without a public port", toml: web, machines: "b1, x1", app: beside(port("b1", 0), port("x1", 0))},
	} {
		c.run(t)
	}
}

func TestWhatPeopleHaveSetOnMachinesIsRefusedUnlessFlyTomlHasIt(t *testing.T) {
	set := func(id, field, value string) func(*App) {
		return on(id, func(m *fleet.Machine) { m.Config.Kept = map[string]json.RawMessage{field: []byte(value)} })
	}
	for _, c := range []look{
		{why: "in a field", toml: web, machines: "b1, b2", app: set("b2", "guest.kernel_args", `["x=1"]`),
			refuses: `my-app: a new machine does not get guest.kernel_args, which was set on b2 and which fly deploy keeps: put it into fly.toml, for all groups: machine_config = '{"guest": {"kernel_args": ["x=1"]}}'; or give it up (LoseConfig, -lose-config)`},
		{why: "in a field of its own", toml: web, machines: "b1", app: set("b1", "dns", `{}`), refuses: `machine_config = '{"dns": {}}'`},
		{why: "and given up", toml: web, machines: "b1", app: func(a *App) { set("b1", "dns", `{}`)(a); a.LoseConfig = true }, warns: "a new machine does not get dns"},
		{why: "what only costs money", toml: web, machines: "b1", app: set("b1", "spot", `true`), warns: "a new machine does not get spot"},
		{why: "what fly.toml has too", toml: web, machines: "b1", app: func(a *App) {
			set("b1", "dns", `{}`)(a)
			a.Config.Machine = map[string]json.RawMessage{"dns": []byte(`{}`)}
		}},
		{why: "of a group that fly.toml has no more", toml: web, machines: "b1, b2 worker", app: set("b2", "dns", `{}`), warns: "no process group worker"},
		{why: "of a machine that drains", toml: web, machines: "b1, u2 cordoned", app: set("u2", "dns", `{}`)},
	} {
		c.run(t)
	}
}
