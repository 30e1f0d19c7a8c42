package capacity

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// list is what a first list of these rows says.
func list(rows string) fleet.List {
	return fleet.Believe(fleettest.Rows(rows), func(string) *fleet.Machine { return nil })
}

func ids(l fleet.List) string { return strings.Join(l.IDs(), " ") }

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

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
