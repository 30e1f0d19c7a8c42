package rollout

import "testing"

// A worker is stopped before it is destroyed, and a run that goes back starts it.
func TestBlueWhoseWorkersAreStoppedIsNotWhatItWas(t *testing.T) {
	over := cordoned("", "b1, b3 worker", "g1, g3 worker") + "list b1 cordoned, b3 worker cordoned, g1, g3 worker → F19 drain b1 b3\n"
	ill := func(blue string) string {
		return "list " + blue + ", g1 critical, g3 worker → F19\n+30s again → F19\n+30s again → "
	}
	stories(t, map[string]string{
		"F15: its drain has stopped a worker":        over + "begin\n" + ill("b1 cordoned, b3 worker cordoned stopped asked") + "F15 cancel drain b1",
		"F15: it has, and could not destroy it":      over + "begin\nend drain b3: no\n" + ill("b1 cordoned, b3 worker cordoned stopped asked") + "F15 cancel drain b1",
		"F15: the worker runs":                       over + "begin\n" + ill("b1 cordoned, b3 worker cordoned") + "F15 fail",
		"F15: the worker runs, and its drain failed": over + "begin\nend drain b3: no\n" + ill("b1 cordoned, b3 worker cordoned") + "F15 fail",
		"F15: what has services can be stopped":      over + "begin\n" + ill("b1 cordoned stopped autostart, b3 worker cordoned") + "F15 fail",
		"F15: a worker whose drain goes on has gone": over + "begin\n" + ill("b1 cordoned, b3 worker cordoned destroyed") + "F15 cancel drain b1",
		"F15: the list lacks a worker whose drain goes on": over + `
			begin
			list b1 cordoned, g1 critical, g3 worker → F19
			+15s again → F19
			+30s again → F19
			+30s again → F15 cancel drain b1
		`,
		"F15: a late list shows what was destroyed": over + `
			begin
			end drain b1
			list b1 cordoned, b3 worker cordoned, g1 critical, g3 worker → F19
			+30s again → F19
			+30s again → F15 …
			says uncordon what is left of blue there
		`,
		"F15: the list of another app lacks a worker that drains": cordoned("", "b1 apps=2 | b2 apps=2, b3 worker apps=2", "g1 apps=2 | g2 apps=2, g3 worker apps=2") + `
			list b1 cordoned apps=2, g1 apps=2 | b2 cordoned apps=2, b3 worker cordoned apps=2, g2 apps=2, g3 worker apps=2 → F19 …
			begin
			list b1 cordoned apps=2, g1 critical apps=2 | b2 cordoned apps=2, b3 worker cordoned apps=2, g2 apps=2, g3 worker apps=2 → F19
			+30s again → F19
			+30s list b1 cordoned apps=2, g1 critical apps=2 | b2 cordoned apps=2, g2 apps=2, g3 worker apps=2 → F15 fail
		`,
		"F15: somebody has stopped it before it drains": cordoned("bake=1h", "b1, b3 worker", "g1, g3 worker") + `
			list b1 cordoned, b3 worker cordoned, g1, g3 worker → F18
			list b1 cordoned, b3 worker cordoned stopped asked, g1 critical, g3 worker → F18
			+30s again → F18
			+30s again → F15 fail
		`,
		"F13 F15: of a release that another run began": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			+10s again → F13 cordon b2
			do
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
			list b1 cordoned, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 fail
		`,
	})
}

// What another run has stopped is started before it is uncordoned, and nothing else is.
func TestARunThatGoesBackStartsTheWorkersThatWereStopped(t *testing.T) {
	found := func(b3, do string) string {
		rows := "b1 cordoned, b2, " + b3 + ", g1, g2 cordoned"
		return "resume from " + rows + "\nlist " + rows + " → B2 " + do + "\n"
	}
	stories(t, map[string]string{
		"B2: a worker": found("b3 worker stopped asked cordoned", "start b3, uncordon b1") + `
			do
			list b1, b2, b3 worker cordoned, g1, g2 cordoned → B2 uncordon b3
		`,
		"B2: it cannot be started": found("b3 worker stopped asked cordoned", "start b3, uncordon b1") + `
			begin
			end uncordon b1
			end start b3: no
			+5s list b1, b2, b3 worker stopped asked cordoned, g1, g2 cordoned → B2 start b3
			begin
			end start b3: no
			+5s again → B2 start b3
			begin
			end start b3: no
			+5s again → B2 uncordon b3
		`,
		"B2: a worker that runs":       found("b3 worker cordoned", "uncordon b1 b3"),
		"B2: a worker that runs again": found("b3 worker asked cordoned", "uncordon b1 b3"),
		"B2: a job that has ended":     found("b3 worker stopped exit=0 cordoned", "uncordon b1 b3"),
		"B2: what has services":        found("b3 stopped asked autostart cordoned", "uncordon b1 b3"),
		"B2: a standby":                found("b3 worker stopped asked standby=b2 cordoned", "uncordon b1 b3"),
		"B2: a run's own, which somebody has stopped": cordoned("", "b1, b3 worker", "g1, g3 worker") + `
			list b1, b3 worker cordoned stopped asked, g1 critical, g3 worker → F10
			+30s again → F11
			+30s again → F8 fail
			turn
			again → B2 uncordon b1 b3
		`,
	})
}
