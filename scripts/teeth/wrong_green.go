package main

// What can be wrong until green is made and checked.
var green = []mutation{
	{
		name: "unmanaged machines are blue", rule: "S3",
		edits: []edit{{"drain/fleet.go", `return m.Managed() && !m.Gone()`, `return !m.Gone()`}},
		tests: []string{"TestGreenIsAsStrongAsBlue/leaving_alone_what_fly_deploy_does_not_manage"},
	},
	{
		name: "parity is forgotten: nothing is cloned", rule: "S1",
		edits: []edit{{"drain/making.go", `p.clone(ctx, s, source, s.standsInFor(seen, surplus, source.ID))`, `_ = source`}, {"drain/green.go", `if len(missing) > 0 || `, `if `}},
		tests: []string{"TestOneApp"},
	},
	{
		name: "a machine in one region makes up for one in another", rule: "S1",
		edits: []edit{{"drain/capacity.go", `(s.region == "" || s.region == m.Region) &&`, ``}},
		tests: []string{"TestGreenIsAsStrongAsBlue/where_blue_has_no_machine_in_the_primary_region"},
	},
	{
		name:  "green has the size that flyctl gives it, not blue's",
		edits: []edit{{"drain/making.go", `largest(p.blue),`, `flyctl.Guest{},`}, {"drain/capacity.go", `(s.guest == flyctl.Guest{} || s.guest == m.Config.Guest) &&`, ``}},
		tests: []string{"TestGuestsAreBluesWhereFlyTomlHasNone"},
	},
	{
		name: "green is held only after the deploy returned", rule: "S5",
		edits: []edit{{"drain/green.go", `if p.holding[m.ID] {`, `if p.holding[m.ID] || p.deploying {`}},
		tests: []string{"TestGreenIsHeldWhileFlyctlIsStillAtWork"},
	},
	{
		name:  "a clone that failed is repeated blindly",
		edits: []edit{{"drain/flyctl/clone.go", `res, err := c.do(`, `res, err := c.blindly(`}, blindly},
		in:    "drain/flyctl", tests: []string{"TestOnlyWhatIsSafeToRepeatIsRepeated"},
	},
	{
		name:  "a deploy that failed is repeated blindly",
		edits: []edit{{"drain/flyctl/deploy.go", `_, err = c.do(`, `_, err = c.blindly(`}, blindly},
		in:    "drain/flyctl", tests: []string{"TestOnlyWhatIsSafeToRepeatIsRepeated"},
	},
	{
		name:  "a machine that no list shows yet is made again",
		edits: []edit{{"drain/making.go", `return len(p.clones[s])`, `return 0`}},
		tests: []string{"TestAPlanChangesNothingAndAReleaseRunsWhatItSaid"},
	},
	{
		name:  "a list that is short is believed while green is made",
		edits: []edit{{"drain/green.go", `p.believes(f, begun) {`, `(p.believes(f, begun) || true) {`}},
		tests: []string{"TestAListThatIsShortMakesNothingTwice"},
	},
	{
		name: "what a short list hides of green is not held", rule: "S5",
		edits: []edit{{"drain/withdraw.go", `err := p.fly.Cordon(ctx, id)`, `var err error`}},
		tests: []string{"TestAListThatIsShortMakesNothingTwice"},
	},
	{
		name: "a list that does not say what is cordoned is believed", rule: "S4",
		edits: []edit{{"drain/flyctl/list.go", `if r.Cordoned == nil {`, `if r.Cordoned == nil {
		r.Cordoned = new(bool)
	}
	if r.Cordoned == nil {`}},
		in: "drain/flyctl", tests: []string{"TestAListOfOldRowsNamesTheVersionThatItTakes"},
	},
	{
		name: "what flyctl made of a dead run, late, is blue", rule: "S10",
		edits: []edit{{"drain/deploy.go", `return a.seen.standing().unsettled()`, `return false`}},
		tests: []string{"TestAMachineThatComesLateOfADeadRunIsNotTakenForBlue"},
	},
	{
		name: "a release that has opened its green is taken for a dead run's", rule: "S1",
		edits: []edit{{"drain/green.go", `|| len(up) == mk.machines`, `|| len(up) < 0`}},
		tests: []string{"TestWhatIsAllUpAndOpenIsNoDeadRuns"},
	},
	{
		name: "a resume takes what a newer release makes for abandoned", rule: "S3",
		edits: []edit{{"drain/standing.go", `mk.id <= still.id && `, ``}},
		tests: []string{"TestAResumeThatBeganBeforeAReleaseLeavesItsGreen"},
	},
	{
		name: "green that failed is left open", rule: "S5",
		edits: []edit{{"drain/withdraw.go", `out := green.open()`, `out := fleet{}`}},
		tests: []string{"TestWhatHappensToGreenBeforeTheCutover"},
	},
	{
		name: "green that may have served is destroyed at once", rule: "S2",
		edits: []edit{{"drain/withdraw.go", `p.known(b) && !p.opened {`, `p.known(b) {`}},
		tests: []string{"TestGreenThatWasOpenedLeavesByDrain"},
	},
	{
		name: "green that comes up as it is held has taken no traffic", rule: "S2",
		edits: []edit{{"drain/green.go", `case !p.known(b):`, `case false:`}, {"drain/green.go", `now.Sub(b.listed) > lookGap`, `now.IsZero()`}},
		tests: []string{"TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeld"},
	},
	{
		name: "what green was between two lists is known", rule: "S2",
		edits: []edit{{"drain/green.go", `now.Sub(b.listed) > lookGap`, `now.IsZero()`}},
		tests: []string{"TestGreenThatNobodyLookedAtIsNotTakenForShut"},
	},
	{
		name: "green on a host that cannot be reached has taken no traffic", rule: "S2",
		edits: []edit{{"drain/fleet.go", `return !m.Reachable() || m.Started()`, `return m.Started()`}},
		tests: []string{"TestGreenThatCannotBeReachedIsNotTakenForShut"},
	},
	{
		name: "green that is held is destroyed before all proxies know", rule: "S2",
		edits: []edit{{"drain/withdraw.go", `return b.shut.Sub(b.held) >= p.propagation`, `return true`}},
		tests: []string{"TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeld"},
	},
	{
		name: "checks are not waited for", rule: "S5",
		edits: []edit{{"drain/gate.go", `if !m.Healthy() {
		p.lists = 0`, `if !m.Started() {
		p.lists = 0`}, {"drain/cutover.go", `case !m.Standby() && !m.Healthy() &&`, `case false &&`}},
		tests: []string{"TestGreenThatFailsLeavesAndBlueIsNotTouched/its_checks_never_pass"},
	},
	{
		name:  "a machine without checks is healthy as soon as it runs",
		edits: []edit{{"drain/gate.go", `listed.Sub(p.up.since) < g.Smoke {`, `false {`}},
		tests: []string{"TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate"},
	},
}

// blindly is how flyctl would be run again whatever it was for.
var blindly = edit{"drain/flyctl/retry.go", `func (c *Client) repeat(`, `func (c *Client) blindly(ctx context.Context, k call) (Result, error) {
	return ask(ctx, c, k, func(r Result) (Result, error) { return r, nil })
}

func (c *Client) repeat(`}
