package capacity

import (
	"encoding/json"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestFlyTomlSaysTheSizeOfAGroup(t *testing.T) {
	for toml, want := range map[string]bool{
		`{}`:                                  false,
		`{"vm": [{}]}`:                        true,
		`{"vm": [{"processes": ["app"]}]}`:    true,
		`{"vm": [{"processes": ["worker"]}]}`: false,
	} {
		if got := Sizes(config(t, toml), "app"); got != want {
			t.Errorf("%s: %v", toml, got)
		}
	}
	for guest, want := range map[string]bool{`{"cpus": 2}`: true, `{"memory_mb": 512}`: true, `{"cpu_kind": "shared"}`: true, `{"kernel_args": ["x"]}`: false, `7`: false} {
		cfg := flyctl.AppConfig{Machine: map[string]json.RawMessage{"guest": []byte(guest)}}
		if got := Sizes(cfg, "app"); got != want {
			t.Errorf("%s: %v", guest, got)
		}
	}
}

func TestFlyTomlSetsFieldsOfEveryMachine(t *testing.T) {
	cfg := config(t, `{"host_dedication_id": "ded-1", "build": {"compose": {"file": "compose.yml"}}}`)
	cfg.Machine = map[string]json.RawMessage{"schedule": []byte(`"daily"`), "metadata": []byte(`{"a.b": "c"}`)}
	for field, want := range map[string]bool{
		"guest.host_dedication_id": true, "containers": true, "schedule": true, "metadata.a.b": true,
		"metadata.a": false, "spot": false, "guest.kernel_args": false,
	} {
		if got := Sets(cfg, field); got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
	if Sets(config(t, `{}`), "guest.host_dedication_id") || Sets(config(t, `{}`), "containers") {
		t.Error("nothing is set")
	}
}

func TestAGroupHasTheServicesThatNameItAndThoseThatNameNone(t *testing.T) {
	cfg := config(t, `{"http_service": {"internal_port": 1}, "services": [{"internal_port": 2, "processes": ["web"]}, {"internal_port": 3}]}`)
	for group, want := range map[string]int{"web": 3, "app": 2} {
		if got := ServicesOf(cfg, group); len(got) != want || got[0].InternalPort != 1 {
			t.Errorf("%s: %v", group, got)
		}
	}
	if got := ServicesOf(config(t, `{"http_service": {"processes": ["web"]}}`), "app"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
