package capacity

import "testing"

// Green is as strong as blue in each group, region and size.
func TestWantedIsWhatBlueHasInTheGroupsOfFlyToml(t *testing.T) {
	for _, c := range []struct{ why, blue, toml, want string }{
		{"in each region", "b1, b2 lhr, b3 lhr, b4 nrt", `{}`, "1 app iad, 2 app lhr, 1 app nrt"},
		{"a new group gets one machine, wherever flyctl creates it", "b1, b2", both, "2 app iad, 1 worker"},
		{"a group that fly.toml dropped gets none", "b1, b2 worker", `{}`, "1 app iad"},
		{"what the proxy has stopped is at rest", "b1 stopped autostart, b2 suspended autostart, b3", startable, "1 app iad, 2 app iad at rest"},
		{"but not where fly.toml lets it start none any more", "b1 stopped autostart, b2", `{"http_service": {}}`, "2 app iad"},
		{"nor where only another group's service may", "b1 stopped autostart, b2", `{"processes": {"app": "", "web": ""}, "services": [{"processes": ["app"]}, {"processes": ["web"], "auto_start_machines": true}]}`, "2 app iad, 1 web"},
		{"what its owner has stopped and nobody starts stays so", "b1 stopped, b2", `{"http_service": {}}`, "1 app iad, 1 app iad at rest"},
		{"but for one where it has stopped all, in the primary region", "b1 lhr stopped autostart, b2 stopped autostart, b3 stopped autostart", `{"primary_region": "iad", "http_service": {"auto_start_machines": true}}`, "1 app iad, 1 app iad at rest, 1 app lhr at rest"},
		{"and elsewhere if there is none there", "b1 lhr stopped autostart, b2 nrt stopped autostart", `{"primary_region": "iad", "http_service": {"auto_start_machines": true}}`, "1 app lhr, 1 app nrt at rest"},
		{"nor where one runs elsewhere", "b1 lhr, b2 stopped autostart", `{"primary_region": "iad", "http_service": {"auto_start_machines": true}}`, "1 app lhr, 1 app iad at rest"},
		{"of its sizes the first", "b1 stopped, b2 lhr stopped mb=512, b3 lhr stopped mb=1024, b4 nrt stopped", `{"primary_region": "lhr", "http_service": {}}`, "1 app lhr 512, 1 app iad at rest, 1 app lhr 1024 at rest, 1 app nrt at rest"},
		{"what its owner has stopped is at rest, all of it too", "b1, b2 worker stopped, b3 worker stopped", both, "1 app iad, 2 worker iad at rest"},
		{"so is a program that ended with 0", "b1, b2 worker stopped exit=0", both, "1 app iad, 1 worker iad at rest"},
		{"not one that failed", "b1, b2 worker stopped exit=1", both, "1 app iad, 1 worker iad"},
		{"nor one that nobody can reach", "b1, b2 worker stopped unreachable", both, "1 app iad, 1 worker iad"},
		{"what is ill counts, and what is cordoned, as the caller chose it", "b1 critical, b2 cordoned", `{}`, "2 app iad"},
		{"sizes are blue's", "b1 mb=256, b2 mb=256, b3 mb=512", `{}`, "2 app iad 256, 1 app iad 512"},
		{"unless fly.toml has one for all", "b1 mb=256, b2 mb=512", `{"vm": [{}]}`, "2 app iad"},
		{"or for a group", "b1 mb=256, b2 worker mb=512", `{"processes": {"app": "", "worker": ""}, "vm": [{"processes": ["worker"]}]}`, "1 app iad 256, 1 worker iad"},
		{"a standby of a group that has a service now is at rest", "b1 worker, b2 worker stopped standby=b1", `{"processes": {"worker": ""}, "services": [{"processes": ["worker"]}]}`, "1 worker iad, 1 worker iad at rest"},
		{"standbys stay standbys", "b1 worker, b2 worker stopped standby=b1", both, "1 app, 1 worker iad, 1 worker iad standby"},
		{"nothing at all: one of each group", "", both, "1 app, 1 worker"},
	} {
		w := Wanted(list(c.blue), config(t, c.toml))
		same(t, c.why, w.String(), c.want)
		n := 0
		for _, k := range w {
			n += k
		}
		if w.Total() != n {
			t.Errorf("%s: %d in all", c.why, w.Total())
		}
	}
}
