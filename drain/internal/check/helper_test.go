package check

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

// look is an app whose fly.toml and machines are examined, and what is said of it.
type look struct {
	why      string
	toml     string // as "flyctl config show" prints it
	machines string // as [fleettest.Rows] reads them
	app      func(a *App)
	refuses  string // what the refusal says; "" where there is none
	warns    string // what the only warning says; "" where there is none
}

const web = `{"app": "my-app", "http_service": {"internal_port": 8080, "checks": [{}]}}`

func (c look) run(t *testing.T) {
	t.Run(c.why, func(t *testing.T) {
		a := App{Name: "my-app"}
		if err := json.Unmarshal([]byte(c.toml), &a.Config); err != nil {
			t.Fatal(err)
		}
		a.All = fleet.Believe(fleettest.Rows(c.machines), func(string) *fleet.Machine { return nil })
		if c.app != nil {
			c.app(&a)
		}
		warnings, refused := a.Examine()
		if refused == nil {
			refused = &Refusal{}
		}
		if !strings.Contains(refused.Why, c.refuses) || (c.refuses == "") != (refused.Why == "") {
			t.Errorf("it is refused with %q, not with %q", refused.Why, c.refuses)
		}
		if all := strings.Join(warnings, "\n"); !strings.Contains(all, c.warns) || (c.warns == "") != (all == "") || len(warnings) > 1 {
			t.Errorf("it warns %q, not %q", all, c.warns)
		}
	})
}
