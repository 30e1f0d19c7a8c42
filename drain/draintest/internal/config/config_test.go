package config

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestASyntaxErrorIsToldInFlyctlsWords(t *testing.T) {
	for text, want := range map[string]string{
		"app = \"my-app\"\n[env\n": "row 2 column 5\n1| app = \"my-app\"\n2| [env\n |     ~ expected ']' to close table name", // as flyctl 0.4.87 has it
		"primary_region = \"iad\n": "row 1 column 22\n1| primary_region = \"iad\n |                      ~ basic strings cannot have new lines",
		"app = 'a'\napp = 'b'":     "row 2 column 1\n1| app = 'a'\n2| app = 'b'\n | ~~~ key app is already defined",
	} {
		if _, err := Parse("fly.toml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestAWrongTypeLeavesTheNameOnly(t *testing.T) {
	a, err := Parse("fly.toml", []byte("app = 'my-app'\nprimary_region = 'iad'\nprocesses = 'web'"))
	if err != nil || a.Invalid == nil || a.App != "my-app" || a.PrimaryRegion != "" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAFlyTomlAsPeopleWriteItBecomesFlysMachines(t *testing.T) {
	const text = `
app = 'my-app'
kill_timeout = 30
processes = { web = "", worker = "work hard" }
[env]
PORT = 8080
DEBUG = true
[mounts]
source = "data"
destination = "/data"
processes = ["worker"]
[checks.up]
type = "tcp"
port = 8080
processes = ["worker"]
[http_service]
internal_port = 8080
auto_stop_machines = true
processes = ["web"]
[[http_service.checks]]
path = "/up"
[vm]
memory = "1gb"
[[services]]
internal_port = 5000
tcp_checks = [{ interval = "2s" }]
processes = ["worker"]
`
	a, err := Parse("fly.toml", []byte(text))
	if err != nil || a.Invalid != nil {
		t.Fatal(err, a.Invalid)
	}
	const common = `"guest":{"cpu_kind":"shared","cpus":1,"memory_mb":1024},"metadata":{"fly_platform_version":"v2","fly_process_group":`
	for group, want := range map[string]string{
		"web": `{"env":{"DEBUG":"true","FLY_PROCESS_GROUP":"web","PORT":"8080"},"init":{},` + common + `"web"},` +
			`"services":[{"protocol":"tcp","internal_port":8080,"autostop":true,"ports":[{"port":80,"handlers":["http"]},{"port":443,"handlers":["http","tls"]}],` +
			`"checks":[{"type":"http","path":"/up"}],"force_instance_key":null}],"stop_config":{"timeout":"30s"}}`,
		"worker": `{"env":{"DEBUG":"true","FLY_PROCESS_GROUP":"worker","PORT":"8080"},"init":{"cmd":["work","hard"]},` + common + `"worker"},` +
			`"mounts":[{"path":"/data","volume":"vol_data","name":"data"}],"services":[{"internal_port":5000,"checks":[{"type":"tcp","interval":"2s"}],"force_instance_key":null}],` +
			`"checks":{"up":{"port":8080,"type":"tcp"}},"stop_config":{"timeout":"30s"}}`,
	} {
		got, err := json.Marshal(a.Machine(group, nil))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", group, err, got, want)
		}
	}
}

func TestWhatAFlyTomlDoesNotDecideStaysAsItWas(t *testing.T) {
	old := Machine{Guest: Sized("performance-2x"), AutoDestroy: true, Image: "v1", Env: map[string]string{"OLD": "1"}, Metadata: map[string]string{"own": "1"}}
	m := (&App{}).Machine("app", &old)
	if m.Guest != old.Guest || !m.AutoDestroy || m.Image != "v1" || m.Env["OLD"] != "" || m.Metadata["own"] != "1" || old.Metadata["fly_process_group"] != "" {
		t.Errorf("%+v of %+v", m, old)
	}
}

func TestAMachineSizeHasFlysProcessorsAndMemory(t *testing.T) {
	for size, want := range map[string]Guest{
		"":               {CPUKind: "shared", CPUs: 1, MemoryMB: 256},
		"shared-cpu-2x":  {CPUKind: "shared", CPUs: 2, MemoryMB: 512},
		"performance-4x": {CPUKind: "performance", CPUs: 4, MemoryMB: 8192},
	} {
		if got := Sized(size); got != want {
			t.Errorf("%q: got %+v, want %+v", size, got, want)
		}
	}
	for size, want := range map[string]int{"512": 512, "512mb": 512, "512MB": 512, "1gb": 1024, "2G": 2048, "": 0, "much": 0} {
		if got := Megabytes(size); got != want {
			t.Errorf("%q: got %d, want %d", size, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("app = 1\n[processes]\nb = 'x'\n[[mounts]]\n[vm]\nmemory = [1]")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse("fly.toml", []byte(text))
		if err != nil {
			return
		}
		for _, g := range a.Groups() {
			a.Machine(g, nil)
		}
		if !strings.HasPrefix(a.String(), "{") {
			t.Error(a)
		}
	})
}
