package probe

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestSocketsTellACountOrWhyItIsUnknown has what the tables of a machine mean for it.
func TestSocketsTellACountOrWhyItIsUnknown(t *testing.T) {
	tcp := func(ports ...int) (services []flyctl.Service) {
		for _, port := range ports {
			services = append(services, flyctl.Service{Protocol: "tcp", InternalPort: port})
		}
		return services
	}
	const listens = "   0: 00000000:1F90 " + any4 + " 0A" + rest // on 8080
	const also = "   1: 00000000:2382 " + any4 + " 0A" + rest    // on 9090
	connected := func(n, port string) string { return "   " + n + ": 0A01A8C0:" + port + " " + client4 + " 01" + rest }
	healthy := flyctl.Machine{State: "started", Checks: []flyctl.Check{{Status: "passing"}}}
	checked := map[string]json.RawMessage{"alive": nil}
	containers := []json.RawMessage{nil, nil}
	for name, c := range map[string]struct {
		services   []flyctl.Service
		checks     map[string]json.RawMessage
		containers []json.RawMessage
		four       string
		want       string
	}{
		"nobody":                             {tcp(8080), checked, nil, listens, "0 connections"},
		"one":                                {tcp(8080), checked, nil, listens + connected("1", "1F90"), "1 connection"},
		"one on each of two ports":           {tcp(8080, 9090), checked, nil, listens + also + connected("2", "1F90") + connected("3", "2382"), "2 connections"},
		"a port of two services once":        {tcp(8080, 8080), checked, nil, listens + connected("1", "1F90"), "1 connection"},
		"only ports of services":             {tcp(8080), checked, nil, listens + also + connected("2", "2382"), "0 connections"},
		"a port that nothing listens on":     {tcp(8080, 9090), checked, nil, listens, "0 connections"},
		"nothing listens, and it is well":    {tcp(8080), checked, nil, also[:0], "unknown: nothing listens on port 8080 although the machine is healthy"},
		"nothing listens, and nobody checks": {tcp(8080), nil, nil, "", "0 connections"},
		"connections after it has closed":    {tcp(8080), checked, nil, connected("0", "1F90"), "1 connection"},

		"containers":                            {tcp(8080), checked, containers, listens + connected("1", "1F90"), "1 connection"},
		"containers with networks of their own": {tcp(8080, 9090), nil, containers, listens, "unknown: nothing listens on port 9090 in the container that was asked: name another one (-probe-container)"},

		"no services":               {nil, nil, nil, listens, "unknown: the machine has no services"},
		"UDP":                       {[]flyctl.Service{{Protocol: "udp", InternalPort: 53}}, nil, nil, listens, "unknown: a UDP service"},
		"TCP and UDP":               {append(tcp(8080), flyctl.Service{Protocol: "udp", InternalPort: 53}), nil, nil, listens, "unknown: a UDP service"},
		"a service without a port":  {tcp(0), nil, nil, listens, "unknown: the internal port 0 of a service is not valid"},
		"a service on an odd port":  {tcp(70000), nil, nil, listens, "unknown: the internal port 70000 of a service is not valid"},
		"tables that are not whole": {tcp(8080), nil, nil, connected("3", "1F90"), "unknown: part of the socket tables is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			m := healthy
			m.ID, m.Config.Services, m.Config.Checks, m.Config.Containers = "17810000000001", c.services, c.checks, c.containers
			client := &flyctl.Client{App: "my-app", Run: func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
				if got := strings.Join(cmd.Args, " "); got != "machine exec 17810000000001 cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat --json --app my-app --timeout 20" {
					t.Errorf("ran flyctl %s", got)
				}
				out, err := json.Marshal(map[string]string{"stdout": tables(c.four, "")})
				return flyctl.Result{Stdout: out}, err
			}}
			if got := (Sockets{}).Count(t.Context(), client, []flyctl.Machine{m})[m.ID].String(); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAMachineWithContainersIsAskedInTheOneThatIsNamed(t *testing.T) {
	m := flyctl.Machine{ID: "17810000000001", Config: flyctl.Config{Containers: []json.RawMessage{nil, nil}, Services: []flyctl.Service{{Protocol: "tcp", InternalPort: 8080}}}}
	const hint = "the machine has containers: name the one to ask (-probe-container)"
	for name, c := range map[string]struct {
		container, cat, old string // old: what a flyctl before v0.4.84 says
		want                string
	}{
		"one that has cat":        {container: "web", cat: "web", want: "0 connections"},
		"one that has none":       {container: "web", cat: "sidecar", want: "unknown: no cat in the image"},
		"none, and Fly's has cat": {cat: "", want: "0 connections"},
		"none, and Fly's has not": {cat: "web", want: "unknown: no cat in the image: \"exec: \\\"cat\\\": executable file not found in $PATH\": " + hint},
		"a flyctl that is older":  {container: "web", old: "Error: unknown flag: --container", want: "unknown: a container can be named with flyctl v0.4.84 or newer: run fly version update"},
		"a name that cannot be":   {container: "--app", want: "unknown: wrong usage: invalid container name"},
	} {
		client := &flyctl.Client{App: "my-app", Run: func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			asked := ""
			if i := slices.Index(cmd.Args, "--container"); i > 0 {
				asked = cmd.Args[i+1]
			}
			answer := map[string]any{"exit_code": 127, "stderr": `exec: "cat": executable file not found in $PATH`}
			switch {
			case c.old != "":
				return flyctl.Result{ExitCode: 1, Stderr: []byte(c.old)}, nil
			case asked == c.cat:
				answer = map[string]any{"stdout": tables("   0: 00000000:1F90 "+any4+" 0A"+rest, "")}
			}
			out, err := json.Marshal(answer)
			return flyctl.Result{Stdout: out}, err
		}}
		if got := (Sockets{Container: c.container}).Count(t.Context(), client, []flyctl.Machine{m})[m.ID].String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
