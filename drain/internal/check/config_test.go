package check

import (
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

func TestFlyTomlIsRefusedOrWarnedAbout(t *testing.T) {
	for _, c := range []look{
		{why: "nothing is wrong", toml: web, machines: "b1, b2"},
		{why: "volumes", toml: `{"app": "my-app", "mounts": [{"source": "data"}]}`, machines: "b1", refuses: "fly.toml has [mounts]"},
		{why: "no volumes", toml: `{"app": "my-app", "mounts": []}`, machines: "b1 plain"},
		{why: "our own variable", toml: `{"app": "my-app", "env": {"FLYDRAIN": "x"}}`, machines: "b1", refuses: "fly.toml sets FLYDRAIN"},
		{why: "our own variable, empty", toml: `{"app": "my-app", "env": {"FLYDRAIN": ""}}`, machines: "b1"},
		{why: "of another app", toml: `{"app": "another"}`, machines: "b1", warns: "fly.toml names app another, but this run releases it to my-app"},
		{why: "of no app", toml: `{}`, machines: "b1"},
		{why: "a group that it lacks", toml: `{}`, machines: "b1, b2 web, b3 web lhr, x1", warns: "fly.toml has no process group web: its machines (2) will drain and be destroyed"},
		{why: "a group that is left out", toml: `{"processes": {"app": "", "web": ""}}`, machines: "b1", app: func(a *App) { a.Groups = []string{"app"} }},
		{why: "a primary region without blue", toml: `{"primary_region": "lhr"}`, machines: "b1", warns: "in the primary region, lhr, where blue has none"},
		{why: "a primary region with blue", toml: `{"primary_region": "lhr"}`, machines: "b1, b2 lhr"},
	} {
		c.run(t)
	}
}

func TestServicesAreRefusedThatNobodyCanCount(t *testing.T) {
	countable := func(a *App) { a.Countable = true }
	const udp = `{"services": [{"internal_port": 53, "protocol": "udp", "checks": [{}]}]}`
	for _, c := range []look{
		{why: "UDP", toml: udp, machines: "b1", refuses: "group app (protocol udp, internal port 53)"},
		{why: "UDP, and the drain ends all the same", toml: udp, machines: "b1", app: countable},
		{why: "a port without a service", toml: `{"services": [{"ports": [{"port": 443}]}]}`, machines: "b1", refuses: "protocol tcp, internal port 0"},
		{why: "UDP of one group of two", toml: `{"processes": {"app": "", "dns": ""}, "services": [{"internal_port": 53, "protocol": "udp", "processes": ["dns"]}]}`,
			machines: "b1", refuses: "group dns (protocol udp"},
		{why: "UDP of a group that is not released", toml: `{"processes": {"app": "", "dns": ""}, "services": [{"internal_port": 53, "protocol": "udp", "processes": ["dns"]}]}`,
			machines: "b1", app: func(a *App) { a.Groups = []string{"app"} }},
	} {
		c.run(t)
	}
}

func TestServicesAreWarnedAbout(t *testing.T) {
	autostop := func(m *fleet.Machine) { m.Config.Services[0].Autostop = "stop" }
	for _, c := range []look{
		{why: "metrics on a service's port", toml: `{"http_service": {"internal_port": 8080, "checks": [{}]}, "metrics": [{"port": 8080}]}`, machines: "b1", warns: "[metrics] is on port 8080"},
		{why: "metrics on a port of their own", toml: `{"http_service": {"internal_port": 8080, "checks": [{}]}, "metrics": [{"port": 9091}]}`, machines: "b1"},
		{why: "no health checks", toml: `{"http_service": {"internal_port": 8080}}`, machines: "b1", warns: "group app has services without health checks"},
		{why: "a TCP check is one", toml: `{"services": [{"internal_port": 8080, "tcp_checks": [{}]}]}`, machines: "b1"},
		{why: "an HTTP check is one", toml: `{"services": [{"internal_port": 8080, "http_checks": [{}]}]}`, machines: "b1"},
		{why: "a check of another group's service is none", toml: `{"processes": {"app": "", "web": ""}, "services": [{"internal_port": 1, "processes": ["app"]}, {"internal_port": 2, "processes": ["web"], "checks": [{}]}]}`,
			machines: "b1, b2 web", warns: "group app has services without health checks"},
		{why: "autostop by name", toml: `{"http_service": {"internal_port": 8080, "checks": [{}], "auto_stop_machines": "suspend"}}`, machines: "b1", warns: "autostop is on"},
		{why: "autostop as flyctl had it once", toml: `{"http_service": {"internal_port": 8080, "checks": [{}], "auto_stop_machines": true}}`, machines: "b1", warns: "autostop is on"},
		{why: "autostop off", toml: `{"http_service": {"internal_port": 8080, "checks": [{}], "auto_stop_machines": "off"}}`, machines: "b1"},
		{why: "autostop that says nothing", toml: `{"http_service": {"internal_port": 8080, "checks": [{}], "auto_stop_machines": ""}}`, machines: "b1"},
		{why: "autostop off, as flyctl had it once", toml: `{"http_service": {"internal_port": 8080, "checks": [{}], "auto_stop_machines": false}}`, machines: "b1"},
		{why: "autostop of blue alone", toml: web, machines: "b1, b2", app: on("b2", autostop), warns: "autostop is on"},
		{why: "autostop of both is said once", toml: `{"http_service": {"internal_port": 8080, "checks": [{}], "auto_stop_machines": "stop"}}`, machines: "b1", app: on("b1", autostop), warns: "autostop is on"},
		{why: "autostop of a machine of others", toml: web, machines: "b1, x1", app: on("x1", autostop)},
	} {
		c.run(t)
	}
}
