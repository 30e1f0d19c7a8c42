package draintest

import (
	"encoding/json"
	"os"
	"testing"
)

func TestItsListOfAppsHasTheShapeOfFlyctls(t *testing.T) {
	data, err := os.ReadFile("../../testdata/flyctl/apps-list.json")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	onEdge(t, func(t *testing.T, f *Fly, _ []string) {
		out, _ := sh(t, f, 0, "apps", "list", "--json")
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
	})
	for key := range want[0] {
		if _, ok := got[0][key]; !ok {
			delete(want[0], key) // what it never sets
		}
	}
	org := want[0]["Organization"].(map[string]any)
	want[0]["Organization"] = map[string]any{"Slug": org["Slug"]}
	sameShape(t, "app", got[0], want[0])
}
