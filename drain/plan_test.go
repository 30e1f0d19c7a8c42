package drain_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestAPlanIsAScriptWithReasons(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=lhr:2", "old=iad:1")
		r.Apps[0].Dir = s.dir(flyToml)
		s.world(func(w *draintest.World) {
			m := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v1")
			m.Config.Metadata["fly_process_group"] = "x\nrm -rf / #\x1b[2J"
		})
		plan, err := r.Plan(context.Background(), "deploy")
		if err != nil {
			t.Fatal(err)
		}
		script := plan.Script()
		for _, line := range []string{
			"# my-app: 4 machines serve, 0 drain; 3 will be created",
			`#   none of "x\nrm -rf / #\x1b[2J": fly.toml does not have it any more`, // on one line
			"#   2 of app in lhr of shared-cpu-1x:256MB: blue has 2",
			"#   1 of worker, of flyctl's default size, shared-cpu-1x:256MB: the group has no machine; fly deploy would create two: fly scale count 2 --process-group worker",
			"#   none of old: fly.toml does not have it any more",
			"flyctl machine clone green1 --app my-app --region lhr",
		} {
			if !strings.Contains(script, line) {
				t.Errorf("no line %q in\n%s", line, script)
			}
		}
	})
}

// What others say is made safe as a plan leaves the package, whoever prints it.
func TestAPlanHoldsNoCommandForCI(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1")
		s.world(func(w *draintest.World) {
			m := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v1")
			m.Config.Metadata["fly_process_group"] = "##[add-mask]draining"
		})
		plan, err := r.Plan(context.Background(), "deploy")
		data, _ := json.Marshal(plan)
		if said := string(data); err != nil || !strings.Contains(said, "add-mask") || strings.Contains(said, "##[") {
			t.Errorf("%v: %s", err, said)
		}
	})
}

// TestAPlanHasListsWhereThereIsNothing has [] and not null in JSON.
func TestAPlanHasListsWhereThereIsNothing(t *testing.T) {
	simulate(t, func(s *sim) {
		r, wrong, denied := s.nothings()
		for name, c := range map[string]struct {
			r         drain.Release
			operation string
			want      string
		}{
			"nothing to do":        {r, "drain", `{"apps":[{"app":"my-app","blue":["17810000000001"],"draining":[],"green":0}],"steps":[]}`},
			"a setting is invalid": {wrong, "drain", `{"apps":[],"steps":[]}`},
			"an unknown operation": {r, "undo", `{"apps":[],"steps":[]}`},
			"an unknown app":       {denied, "drain", `{"apps":[],"steps":[]}`},
		} {
			plan, err := c.r.Plan(s.Context(), c.operation)
			text, _ := json.Marshal(plan)
			if string(text) != c.want || (err == nil) != (name == "nothing to do") {
				t.Errorf("%s: %s, %v", name, text, err)
			}
		}
	})
}
