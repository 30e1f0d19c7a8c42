package capacity

import (
	"strings"
	"testing"
)

func TestReasonsSayWhyGreenIsAsItIs(t *testing.T) {
	for _, c := range []struct{ why, blue, toml, want string }{
		{"as many as blue has", "b1 mb=256, b2 mb=256, b3 lhr mb=256", `{}`, "2 of app in iad of shared-cpu-1x:256MB: blue has 2\n1 of app in lhr of shared-cpu-1x:256MB: blue has 1"},
		{"of blue's size", "b1 mb=512", `{}`, "1 of app in iad of shared-cpu-1x:512MB: blue has 1"},
		{"of fly.toml's size", "b1 mb=512", `{"vm": [{"size": "shared-cpu-1x"}]}`, "1 of app in iad of fly.toml's size: blue has 1"},
		{"a group without machines", "b1 mb=256", both, "1 of app in iad of shared-cpu-1x:256MB: blue has 1\n" +
			"1 of worker, of flyctl's default size, shared-cpu-1x:256MB: the group has no machine; fly deploy would create two: fly scale count 2 --process-group worker"},
		{"a group without machines, of fly.toml's size", "b1", `{"processes": {"app": "serve", "worker": "work"}, "vm": [{"size": "shared-cpu-1x"}]}`,
			"1 of app in iad of fly.toml's size: blue has 1\n1 of worker, of fly.toml's size: the group has no machine; fly deploy would create two: fly scale count 2 --process-group worker"},
		{"groups that fly.toml has no more", "b1 mb=256, b2 worker, b3 worker, b4 web", `{}`,
			"1 of app in iad of shared-cpu-1x:256MB: blue has 1\nnone of web: fly.toml does not have it any more\nnone of worker: fly.toml does not have it any more"},
		{"a standby", "b1 mb=256 worker, b2 mb=256 worker stopped standby=b1", `{"processes": {"worker": "work"}}`,
			"1 of worker in iad of shared-cpu-1x:256MB: blue has 1\n1 of worker (standby) in iad of shared-cpu-1x:256MB: blue has 1"},
		{"a machine at rest", "b1 mb=256, b2 mb=256 worker stopped", both,
			"1 of app in iad of shared-cpu-1x:256MB: blue has 1\n1 of worker in iad of shared-cpu-1x:256MB: blue has 1, at rest: stopped as soon as it is created"},
	} {
		blue, cfg := list(c.blue), config(t, c.toml)
		if got := strings.Join(Wanted(blue, cfg).Reasons(cfg, blue), "\n"); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.why, got, c.want)
		}
	}
	if got := Capacity(nil).Reasons(config(t, `{}`), list("b1 worker")); got != nil {
		t.Errorf("where nothing is created: %q", got)
	}
}
