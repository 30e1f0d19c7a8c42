package draintest

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// broken wants exactly one breach, of a rule, whose text holds a word.
func broken(t *testing.T, w *World, rule, word string) {
	t.Helper()
	if len(w.Breaches) != 1 || w.Breaches[0].Rule != rule || !strings.Contains(w.Breaches[0].Text, word) {
		t.Errorf("breaches %v, want one of %s with %q", w.Breaches, rule, word)
	}
	w.Breaches = nil
}

func kept(t *testing.T, w *World) {
	t.Helper()
	if len(w.Breaches) != 0 {
		t.Errorf("breaches %v", w.Breaches)
		w.Breaches = nil
	}
}

func TestS1IsBrokenWhereFewerTakeTrafficThanBefore(t *testing.T) {
	w, ids := world(t, "app=iad:2,lhr:1", "worker=iad:1")
	w.cordon(us, "my-app", ids[0], "", true)
	broken(t, w, "S1", "1 of 2 machines serve in my-app/app/iad")
	w.cordon(us, "my-app", ids[0], "", false)
	w.cordon(us, "my-app", ids[3], "", true) // nothing is sent to a worker
	kept(t, w)

	green := w.AddMachine("my-app", "app", "iad", "v2")
	w.cordon(us, "my-app", ids[0], "", true) // two are left
	kept(t, w)
	w.Do(Action{Kind: "crash", Machine: green.ID}) // nobody's fault: one is left
	w.cordon(us, "my-app", ids[0], "", true)
	kept(t, w)
	pass(w, time.Minute)
	w.Dropped = []string{"my-app/app"}
	w.cordon(us, "my-app", ids[2], "", true)
	kept(t, w)
	w.Allow, w.Dropped = []string{"S1"}, nil
	w.cordon(us, "my-app", ids[1], "", true)
	kept(t, w)
}

func TestS1DoesNotCountWhatSomebodyElseDoes(t *testing.T) {
	w, ids := world(t, "app=iad:2")
	w.Baseline()
	w.cordon(by{Who: "theirs"}, "my-app", ids[0], "", true)
	kept(t, w)
	w.cordon(us, "my-app", ids[1], "", true) // at the same moment: it could not know
	kept(t, w)
	w.cordon(us, "my-app", ids[1], "", false)
	pass(w, time.Minute)
	w.cordon(us, "my-app", ids[1], "", true)
	broken(t, w, "S1", "0 of 1")
}

func TestS1CountsAMachineThatIsStoppedWhereTheProxyStartsIt(t *testing.T) {
	w, ids := world(t, "app=iad:2")
	w.Baseline()
	on := true
	for _, id := range ids {
		w.Machine(id).Config.Services[0].Autostart = &on
	}
	w.cordon(by{Who: "theirs"}, "my-app", ids[0], "", true)
	w.stop(by{Who: "theirs"}, "my-app", ids[0], "", 0)
	pass(w, time.Minute)
	w.cordon(by{Who: "theirs"}, "my-app", ids[0], "", false)
	if !w.Machine(ids[0]).Takes() {
		t.Error("the proxy starts it, and it does not count")
	}
	w.stop(us, "my-app", ids[1], "", 0)
	pass(w, time.Minute)
	if !w.Machine(ids[1]).Takes() {
		t.Error("its stop is told, the proxy starts it, and it does not count")
	}
}

func TestS2IsBrokenByAStopWithMoreConnectionsThanMayBe(t *testing.T) {
	w, ids := world(t, "app=iad:1")
	w.Dropped = []string{"my-app/app"}
	w.Connect("my-app", "", "", 2, 0)
	w.Looked(ids[0], true, 0) // the probe lied
	w.stop(us, "my-app", ids[0], "", 0)
	broken(t, w, "S2", "stop with 2 connections")

	for _, c := range []func(w *World){
		func(w *World) { w.Limit = 2 },
		func(w *World) { w.SoftLimits = true },
		func(w *World) { w.CutsAllowed = true },
	} {
		w, ids := world(t, "app=iad:1")
		w.Dropped = []string{"my-app/app"}
		w.Connect("my-app", "", "", 2, 0)
		w.Looked(ids[0], true, 2)
		c(w)
		w.update(us, "my-app", ids[0], "", launch{Config: w.Machine(ids[0]).Config})
		kept(t, w)
	}
}

func TestS3IsBrokenByACommandForWhatIsNotOurs(t *testing.T) {
	w, ids := world(t, "app=iad:3")
	cron := w.AddMachine("my-app", "", "iad", "cron:v1")
	w.stop(us, "my-app", cron.ID, "", 0)
	broken(t, w, "S3", "not managed")

	mark := newYear.Add(time.Minute).Format("20060102T150405Z") + "-ab12/1/1"
	pass(w, time.Minute)
	green := w.AddMachine("my-app", "app", "iad", "v2")
	w.Remark(mark, green.ID)
	pass(w, time.Minute)
	theirs := w.AddMachine("my-app", "app", "iad", "v1") // another deploy's
	for _, id := range []string{ids[0], green.ID} {
		w.cordon(us, "my-app", id, "", false)
	}
	kept(t, w)
	w.cordon(us, "my-app", theirs.ID, "", true)
	broken(t, w, "S3", "neither blue nor green")
}

func TestS4IsBrokenByADestroyWithoutAKnownZero(t *testing.T) {
	for name, c := range map[string]struct {
		look func(w *World, id string)
		word string
	}{
		"no look":                 {func(*World, string) {}, "without a look"},
		"unknown":                 {func(w *World, id string) { w.Looked(id, false, 0) }, "unknown"},
		"too many":                {func(w *World, id string) { w.Looked(id, true, 1) }, "told of 1"},
		"no longer known":         {func(w *World, id string) { w.Looked(id, true, 0); pass(w, 2*time.Second); w.Looked(id, false, 0) }, "unknown"},
		"one of two probes knows": {func(w *World, id string) { w.Looked(id, true, 0); w.Looked(id, false, 0) }, ""},
		"the higher of two":       {func(w *World, id string) { w.Looked(id, true, 3); w.Looked(id, true, 0) }, "told of 3"},
		"zero":                    {func(w *World, id string) { w.Looked(id, true, 0) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, ids := world(t, "app=iad:1")
			w.Dropped = []string{"my-app/app"}
			c.look(w, ids[0])
			w.destroy(us, "my-app", ids[0], "", true)
			if c.word == "" {
				kept(t, w)
			} else {
				broken(t, w, "S4", c.word)
			}
		})
	}
	w, ids := world(t, "worker=iad:1")
	w.stop(us, "my-app", ids[0], "", 0)
	kept(t, w)
}

func TestS5IsBrokenByGreenThatOpensBeforeTheGateOfAllApps(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *World, green []string)
		word  string
	}{
		"all well":        {func(*World, []string) {}, ""},
		"not healthy yet": {func(w *World, g []string) { w.Machine(g[2]).Passing = false }, "checks do not pass"},
		"one is missing": {func(w *World, g []string) {
			w.Do(Action{Kind: "destroy", Machine: g[2]})
			pass(w, 11*time.Second)
		}, "1 of 2 machines"},
		"one was destroyed a moment ago": {func(w *World, g []string) { w.Do(Action{Kind: "destroy", Machine: g[2]}) }, ""},
		"an app is missing": {func(w *World, g []string) {
			w.Do(Action{Kind: "destroy", Machine: g[1]})
			w.Do(Action{Kind: "destroy", Machine: g[2]})
		}, "1 of 2 apps"},
		"fell ill a moment ago": {func(w *World, g []string) { w.Do(Action{Kind: "crash", Machine: g[2]}); pass(w, time.Second) }, ""},
		"a standby sleeps": {func(w *World, g []string) {
			m := w.Machine(g[2])
			m.State, m.Passing, m.Passed, m.Config.Standbys = "stopped", false, false, []string{g[1]}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := world(t, "app=iad:1")
			if err := w.AddApp("two", "app=iad:1"); err != nil {
				t.Fatal(err)
			}
			var green []string
			for app, n := range map[string]int{"my-app": 1} {
				green = greens(w, green, app, n, "20260101T000000Z-ab12/2/1")
			}
			green = greens(w, green, "two", 2, "20260101T000000Z-ab12/2/2")
			c.spoil(w, green)
			w.cordon(us, "my-app", green[0], "", false)
			if c.word == "" {
				kept(t, w)
			} else {
				broken(t, w, "S5", c.word)
			}
		})
	}
}

// What a release made is green whatever its mark says.
func TestS5GreenIsWhatWasMadeAlsoWithoutAMark(t *testing.T) {
	for _, mark := range []string{"", "x"} {
		w, ids := world(t, "app=iad:1")
		w.cordon(us, "my-app", ids[0], "", false) // it was there
		kept(t, w)
		c := w.Apps["my-app"].Config.Machine("app", nil)
		c.Env = config.Merge(c.Env, map[string]string{"FLYDRAIN": mark})
		m, err := w.create(us, "my-app", launch{Region: "iad", Config: c, Hold: true})
		if err != nil {
			t.Fatal(err)
		}
		pass(w, time.Minute)
		w.cordon(us, "my-app", m.ID, "", false)
		broken(t, w, "S5", "its mark says no release")
	}
}

// Whoever made it knows that it was to be held.
func TestS5WhatWasMadeAndIsNeverHeldTakesTrafficBeforeTheGate(t *testing.T) {
	for name, c := range map[string]struct {
		who  by
		mark string
		then func(w *World, id string)
		word string
	}{
		"no mark":                  {us, "", nil, "nobody has held it"},
		"a mark nobody can read":   {us, "x", nil, "nobody has held it"},
		"a mark":                   {us, "20260101T000000Z-ab12/1/1", nil, "nobody has held it"},
		"held late":                {us, "", func(w *World, id string) { w.cordon(us, "my-app", id, "", true) }, ""},
		"destroyed":                {us, "", func(w *World, id string) { w.Do(Action{Kind: "destroy", Machine: id}) }, ""},
		"made by somebody else":    {by{Who: "deploy"}, "", nil, ""},
		"it does not take traffic": {us, "", func(w *World, id string) { w.Do(Action{Kind: "sick", Machine: id}) }, ""},
		"its host is lost":         {us, "", func(w *World, id string) { w.Do(Action{Kind: "unreachable", Machine: id}) }, ""},
		"stopped and started again": {us, "", func(w *World, id string) {
			w.Do(Action{Kind: "stop", Machine: id})
			w.Do(Action{Kind: "start", Machine: id})
		}, "nobody has held it"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := world(t, "app=iad:1")
			made := w.Apps["my-app"].Config.Machine("app", nil)
			made.Env = config.Merge(made.Env, map[string]string{"FLYDRAIN": c.mark})
			m, err := w.create(c.who, "my-app", launch{Region: "iad", Config: made})
			if err != nil {
				t.Fatal(err)
			}
			atWork(w, 5*time.Minute)
			if kept(t, w); c.then != nil {
				c.then(w, m.ID)
			}
			atWork(w, time.Hour)
			if c.word == "" {
				kept(t, w)
			} else {
				broken(t, w, "S5", c.word)
			}
		})
	}
}

// A run that was killed holds nothing, and the next one has as long as any.
func TestS5OfWhatAKilledRunMadeTheTimeIsThatOfTheNextRun(t *testing.T) {
	w, _ := world(t, "app=iad:1")
	if _, err := w.create(us, "my-app", launch{Region: "iad", Config: w.Apps["my-app"].Config.Machine("app", nil)}); err != nil {
		t.Fatal(err)
	}
	atWork(w, time.Minute)
	pass(w, time.Hour)
	atWork(w, 9*time.Minute)
	kept(t, w)
	atWork(w, 30*time.Minute)
	broken(t, w, "S5", "nobody has held it")
}

// atWork lets time pass in which a run lists each minute.
func atWork(w *World, d time.Duration) {
	for ; d > 0; d -= time.Minute {
		w.finish(w.begin("machine list", nil, false), 0, "machine list")
		pass(w, time.Minute)
	}
}

// greens adds held machines of a release.
func greens(w *World, ids []string, app string, n int, mark string) []string {
	for range n {
		m := w.AddMachine(app, "app", "iad", "v2")
		w.Remark(mark, m.ID)
		m.Cordoned, m.Hidden, m.Opened = true, true, false
		ids = append(ids, m.ID)
	}
	return ids
}

func TestExposureIsFromHealthToTheFirstCordon(t *testing.T) {
	w, _ := world(t, "app=iad:1")
	c := w.Apps["my-app"].Config.Machine("app", nil)
	c.Env = config.Merge(c.Env, map[string]string{"FLYDRAIN": "20260101T000000Z-ab12/1/1"})
	m, err := w.create(us, "my-app", launch{Region: "iad", Config: c})
	if err != nil {
		t.Fatal(err)
	}
	pass(w, w.Boot+w.Health+2*time.Second)
	w.cordon(us, "my-app", m.ID, "", true)
	w.Connect("my-app", "", "", 4, 0) // two land on it: the proxies do not know yet
	pass(w, time.Minute)
	if got := w.Machine(m.ID); got.Held.Sub(got.Exposed) != 2*time.Second || got.Early != 2 {
		t.Errorf("exposed %v, held %v, %d landed before it was opened", got.Exposed, got.Held, got.Early)
	}
}
