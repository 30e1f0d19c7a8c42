package main

// What can be wrong in the wait for idle machines, and in their end.
var idle = []mutation{
	{
		name: "the first zero is believed", rule: "S2",
		edits: []edit{{"drain/judge.go", `case m.idleAt.IsZero():`, `case m.idleAt.IsZero() && soonest.Before(settle):`}},
		tests: []string{"TestOnlyTwoIdleReadingsInARowAreBelieved"},
	},
	{
		name: "two zeros are believed that are not in a row", rule: "S2",
		edits: []edit{{"drain/judge.go", `		m.idleAt = time.Time{}
		m.next, m.prompt = ended.Add(w.pause(`, `		m.next, m.prompt = ended.Add(w.pause(`}},
		tests: []string{"TestOnlyTwoIdleReadingsInARowAreBelieved"},
	},
	{
		name: "the settle time is skipped", rule: "S2",
		edits: []edit{{"drain/judge.go", `&& !soonest.Before(settle):`, `&& (true || soonest.Before(settle)):`}, {"drain/judge.go", `later(next, settle)`, `next`}},
		tests: []string{"TestAConnectionThatLandsInTheLastMomentBeforeAllProxiesKnow"},
	},
	{
		name: "the settle time is of the first cordon", rule: "S2",
		edits: []edit{{"drain/idle.go", `at.(time.Time).After(since) {`, `since.IsZero() {`}, {"drain/idle.go", `since.IsZero() || m.open > 0 {`, `since.IsZero() {`}},
		tests: []string{"TestTheSettleTimeIsOfTheLastCordon"},
	},
	{
		name: "what was idle once is destroyed an hour later", rule: "S2",
		edits: []edit{{"drain/drain.go", `		if v.cut > 0 || v.uncounted {`, `		if true {`}},
		tests: []string{"TestAnIdleMachineThatCouldNotBeDestroyedIsLookedAtAgain"},
	},
	{
		name: "a stopped machine is idle though a proxy may start it", rule: "S2",
		edits: []edit{{"drain/idle.go", `row.Autostarts() && now.Before(`, `false && now.Before(`}},
		tests: []string{"TestAStoppedMachineIsNotIdleWhileAProxyMayStartIt"},
	},
	{
		name: "force goes by an old list", rule: "S2",
		edits: []edit{{"drain/stop.go", `case neverRan(m) && never:`, `case neverRan(m):`}, {"drain/stop.go", `		case neverRan(m): // it may run by now
			never = true
			continue
`, ``}, {"drain/stop.go", `	var never bool // the list before this one showed that it never ran
`, ``}},
		tests: []string{"TestForceNeedsAFreshList"},
	},
	{
		name: "what no list has shown is destroyed", rule: "S3",
		edits: []edit{{"drain/destroy.go", `if !a.lists.hasShown(id) {`, `if false {`}},
		tests: []string{"TestWhatNoListHasShownIsNotDestroyed"},
	},
	{
		name: "a machine's region that no list has is gone", rule: "S2",
		edits: []edit{{"drain/idle.go", `w.rows == 0 || m.region != "" && !w.regions[m.region]`, `w.rows == 0`}},
		tests: []string{"TestAListThatLacksARegionEndsNoDrain"},
	},
	{
		name: "the limit is the same for all machines, not each one's soft_limit", rule: "S2",
		edits: []edit{{"drain/judge.go", `return slices.Min(limits)`, `return min(25, len(limits)*25)`}},
		tests: []string{"TestWithHowManyConnectionsAMachineIsIdle"},
	},
	{
		name: "what is to be kept at its deadline is stopped", rule: "S2",
		edits: []edit{{"drain/judge.go", `if w.AtDeadline == StopMachine {`, `if true {`}},
		tests: []string{"TestAtItsDeadlineAMachineIsKept"},
	},
	{
		name:  "what is to be stopped at its deadline is kept",
		edits: []edit{{"drain/judge.go", `if w.AtDeadline == StopMachine {`, `if false {`}},
		tests: []string{"TestAtItsDeadlineAMachineIsStopped"},
	},
	{
		name:  "what a deadline cuts is not told",
		edits: []edit{{"drain/drain.go", `a.report.Cut += v.cut`, ``}},
		tests: []string{"TestAtItsDeadlineAMachineIsStopped"},
	},
	{
		name:  "a machine that has stopped is asked how many connections it has",
		edits: []edit{{"drain/idle.go", `case row.Stopped(), neverRan(row)`, `case neverRan(row)`}},
		tests: []string{"TestAMachineThatHasStoppedIsIdleWhateverTheProbesSay"},
	},
	{
		name: "a machine on a host that cannot be reached is idle", rule: "S4",
		edits: []edit{{"drain/idle.go", `w.judge(row, m, probe.Unknown("its host is "+row.HostStatus), now, now)`, `w.done(row, verdict{id: row.ID, idle: true})`}, {"drain/stop.go", `case !m.Reachable():`, `case false:`}},
		tests: []string{"TestAMachineThatCannotBeReachedIsWaitedFor"},
	},
	{
		name:  "a machine that one list lacks is gone",
		edits: []edit{{"drain/idle.go", `if m.missing >= 3 && now.Sub(m.missed) >= doubt {`, `if m.missing >= 1 {`}, {"drain/idle.go", `doubt := missingFor`, `_ = missingFor`}, {"drain/idle.go", `doubt = regionMissing`, ``}},
		tests: []string{"TestAListThatIsShortForAWhileIsNotBelieved"},
	},
	{
		name: "a drain goes by state, not by id", rule: "S3",
		edits: []edit{{"drain/drain.go", `			return f.superseded()`, `			return f.cordoned()`}},
		tests: []string{"TestDrainGoesOnAndTouchesNothingElse"},
	},
	{
		name: "a machine is destroyed without a look whether it is cordoned", rule: "S2",
		edits: []edit{{"drain/stop.go", `case !m.Cordoned:`, `case false:`}},
		tests: []string{"TestScript/stop-and-destroy-refuse-what-is-open"},
	},
	{
		name: "what was taken back into traffic is waited for, and goes", rule: "S1",
		edits: []edit{{"drain/idle.go", `	case !row.Cordoned:
		w.done(`, `	case false:
		w.done(`}, {"drain/stop.go", `case !m.Cordoned:`, `case false:`}},
		tests: []string{"TestWhatOthersDoToADrainUnderWay/somebody_takes_one_back_in"},
	},
	{
		name:  "the app's own signal and time to stop are forgotten",
		edits: []edit{{"drain/stop.go", `how := m.Config.StopConfig`, `how := flyctl.StopConfig{}`}},
		tests: []string{"TestScript/stop-takes-the-signal-and-the-timeout-of-fly-toml"},
	},
	{
		name: "autostop replaces a machine that has connections", rule: "S2",
		edits: []edit{{"drain/autostop.go", `!counted || n > 0 {`, `false && counted && n > 0 {`}},
		tests: []string{"TestAutostopOfAMachineWithConnectionsIsRefused"},
	},
}
