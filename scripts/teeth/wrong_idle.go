package main

// What can be wrong in the wait for idle machines, and in their end.
var idle = []mutation{
	{
		name: "blue is destroyed without a look whether anything else serves", rule: "S1",
		edits: []edit{{"drain/drainidle.go", `j.spared(a, id))
		if err == nil`, `nil)
		if err == nil`}},
		tests: []string{"TestIdleBlueStaysWhileNothingElseServes"},
	},
	{
		name:  "a list from before the cordon ends a drain",
		edits: []edit{{"drain/execute.go", `a.turns.Note(true, ids...)`, `_ = c`}},
		tests: []string{"TestADrainWhoseFirstListIsFromBeforeTheCordonWaitsForTheNext"},
	},
	{
		name: "what was idle once is destroyed an hour later", rule: "S2",
		edits: []edit{{"drain/drainidle.go", `		if n.Verdict == idle.Stop {`, `		if true {`}},
		tests: []string{"TestAnIdleMachineThatCouldNotBeDestroyedIsLookedAtAgain"},
	},
	{
		name: "force goes by an old list", rule: "S2",
		edits: []edit{{"drain/stop.go", `case m.NeverRan() && never:`, `case m.NeverRan():`}, {"drain/stop.go", `		case m.NeverRan(): // it may run by now
			never = true
			continue
`, ``}, {"drain/stop.go", `	var never bool       // the list before this one showed that it never ran
`, ``}},
		tests: []string{"TestAMachineThatHasComeUpSinceIsNotDestroyedByForce"},
	},
	{
		name: "what no list has shown is destroyed", rule: "S3",
		edits: []edit{{"drain/destroy.go", `if !a.lists.HasShown(id) {`, `if false {`}},
		tests: []string{"TestWhatNoListHasShownIsNotDestroyed"},
	},
	{
		name: "what is to be kept at its deadline is stopped", rule: "S2",
		edits: []edit{{"drain/idle.go", `Stop: a.AtDeadline == StopMachine`, `Stop: true`}},
		tests: []string{"TestAtItsDeadlineAMachineIsKept"},
	},
	{
		name:  "what is to be stopped at its deadline is kept",
		edits: []edit{{"drain/idle.go", `Stop: a.AtDeadline == StopMachine`, `Stop: false`}},
		tests: []string{"TestAtItsDeadlineAMachineIsStopped"},
	},
	{
		name:  "what a deadline cuts is not told",
		edits: []edit{{"drain/drainidle.go", `a.cut += count; !known {`, `_ = count; !known {`}},
		tests: []string{"TestAtItsDeadlineAMachineIsStopped"},
	},
	{
		name: "a machine on a host that cannot be reached is idle", rule: "S4",
		edits: []edit{{"drain/internal/idle/idle.go", `w.take(m, probe.Unknown("its row on the list is incomplete, host "+cmp.Or(row.HostStatus, "ok")), now, now)`, `w.tell(m, News{Verdict: Idle}, now)`}, {"drain/stop.go", `case !m.Reachable():`, `case false:`}, {"drain/stop.go", `case m.Thin:`, `case false:`}},
		tests: []string{"TestAMachineThatCannotBeReachedIsWaitedFor"},
	},
	{
		name: "a machine is destroyed without a look whether it is cordoned", rule: "S2",
		edits: []edit{{"drain/stop.go", `case !m.Cordoned:`, `case false:`}},
		in:    "drain/internal/scripts", tests: []string{"TestScript/stop-refuses-serving"},
	},
	{
		name: "what was taken back into traffic is waited for, and goes", rule: "S1",
		edits: []edit{{"drain/internal/idle/idle.go", `case !row.Cordoned: // the list may be`, `case false: // the list may be`}, {"drain/stop.go", `case !m.Cordoned:`, `case false:`}},
		tests: []string{"TestADrainGoesOnWhateverOthersDoToIt/somebody_takes_one_back_in"},
	},
	{
		name:  "the app's own signal and time to stop are forgotten",
		edits: []edit{{"drain/stop.go", `how := m.Config.StopConfig`, `how := flyctl.StopConfig{}`}},
		in:    "drain/internal/scripts", tests: []string{"TestScript/stop-signal-of-toml"},
	},
	{
		name: "autostop replaces a machine that has connections", rule: "S2",
		edits: []edit{{"drain/autostop.go", `!counted || n > 0 {`, `false && counted && n > 0 {`}},
		tests: []string{"TestAutostopOfAMachineWithConnectionsIsRefused"},
	},
}
