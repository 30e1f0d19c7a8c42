package main

// What can be wrong in the cutover, in what undoes it, and in what resumes it.
var cutover = []mutation{
	{
		name: "blue is cordoned before green is healthy", rule: "S1",
		edits: []edit{{"drain/deploy.go", `{PhaseGate, j.gate}`, `{PhaseGate, func(context.Context) error { return nil }}`},
			{"drain/cutover.go", `case !m.Standby() && !m.Healthy() &&`, `case false &&`},
			{"drain/cutover.go", `err := j.unchanged(ctx, true)`, `var err error`}},
		tests: []string{"TestGreenThatFailsLeavesAndBlueIsNotTouched/its_checks_never_pass"},
	},
	{
		name: "what was seen of one app waits for another's list", rule: "S1",
		edits: []edit{{"drain/cutover.go", `|| look == makeTries`, `|| true`}},
		tests: []string{"TestWhatIsKnownOfAllAppsIsOfOneTime"},
	},
	{
		name: "green is uncordoned after blue is cordoned", rule: "S1",
		edits: []edit{{"drain/cutover.go", `	j.opened = time.Now()
`, `	j.opened = time.Now()
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error { return a.cordon(ctx, a.situation.blue) }); err != nil {
		return err
	}
`}, {"drain/cutover.go", `case m.Cordoned:`, `case false:`}},
		tests: []string{"TestOneApp"},
	},
	{
		name:  "the proxies are not waited for",
		edits: []edit{{"drain/cutover.go", `time.Until(changed.Add(j.Propagation))`, `0`}},
		tests: []string{"TestOneApp"},
	},
	{
		name: "apps do not wait for each other", rule: "S6",
		edits: []edit{{"drain/deploy.go", `{ return r.run(ctx, (*job).deploy) }`, `{
	if len(r.Apps) > 1 {
		for _, a := range r.Apps {
			r.Apps = []App{a}
			if report, err := r.Deploy(ctx); err != nil {
				return report, err
			}
		}
		return Report{Result: ResultDone}, nil
	}
	return r.run(ctx, (*job).deploy)
}`}},
		tests: []string{"TestAnUnhealthyGreenInTheLastOfFiveAppsLeavesAllOnBlue"},
	},
	{
		name:  "somebody else's machine is overlooked",
		edits: []edit{{"drain/cutover.go", `if !known && !stray && `, `if false && !known && !stray && `}},
		tests: []string{"TestSomebodyElsesChangeStopsTheCutoverAndUndoesIt"},
	},
	{
		name: "nobody counts who serves when green is open", rule: "S1",
		edits: []edit{{"drain/cutover.go", `if now[p] < before && `, `if false && now[p] < before && `}},
		tests: []string{"TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount"},
	},
	{
		name: "an interrupted cutover is taken back, not finished", rule: "S6",
		edits: []edit{{"drain/cutover.go", `if ctx.Err() != nil && touched && !errors.Is(cause, ErrNotHealthy) {`, `if ctx.Err() != nil && false {`}},
		tests: []string{"TestInterruptedWhileBlueIsCordonedTheCutoverIsFinished"},
	},
	{
		name: "what a dead run left open is taken for at rest", rule: "S10",
		edits: []edit{{"drain/standing.go", `s.at = undone`, `s.at = atRest`}},
		tests: []string{"TestKilledAtAnyPhaseOneMoreRunConverges/cutover+1.2s"},
	},
	{
		name: "a release that was half done goes forward without a look at green", rule: "S10",
		edits: []edit{{"drain/resume.go", `return a.awaitHealthy(ctx, a.standing.green.open().ids(), nil)`, `return nil`}},
		tests: []string{"TestAHalfDoneReleaseOneOfWhoseGreenIsUnwellGoesBack"},
	},
	{
		name: "each app is resumed by itself", rule: "S6",
		edits: []edit{{"drain/resume.go", `if given >= mk.apps &&`, `if given > 0 &&`}},
		tests: []string{"TestResumeDecidesForAllAppsOfAReleaseTogether"},
	},
	{
		name:  "resume opens whatever is cordoned",
		edits: []edit{{"drain/standing.go", `return inService[generation(m)] })`, `return len(inService) > 0 })`}},
		tests: []string{"TestResumeOfSeveralGenerationsOpensNoneThatDrained"},
	},
	{
		name:  "a release is rolled back to one that is not whole",
		edits: []edit{{"drain/standing.go", `len(blue) < mk.machines {`, `false {`}, {"drain/standing.go", `if have[p] < n && (`, `if false && (`}},
		tests: []string{"TestRollbackDoesNothingWhereItIsNotSure"},
	},
	{
		name: "a rollback makes its entry before it looks", rule: "S7",
		edits: []edit{{"drain/rollback.go", `	for _, a := range j.apps {
		back, err := a.predecessor()`, `	for _, a := range j.apps {
		a.report.Image = a.seen[0].ImageRef.String()
	}
	if err := j.recordOldImage(ctx); err != nil {
		return err
	}
	for _, a := range j.apps {
		back, err := a.predecessor()`}},
		tests: []string{"TestRollbackDoesNothingWhereItIsNotSure"},
	},
	{
		name: "a plan makes what it plans", rule: "S8",
		edits: []edit{{"drain/plan.go", `	return j.plan()
}`, `	if err := j.prepare(ctx); err != nil {
		return Plan{}, err
	}
	return j.plan()
}`}},
		tests: []string{"TestAPlanChangesNothingAndAReleaseRunsWhatItSaid"},
	},
	{
		name: "a plan leaves out what it holds", rule: "S8",
		edits: []edit{{"drain/plan.go", `add(a.fly.MachineArgs("cordon", id), nil)`, `_ = id`}},
		tests: []string{"TestAPlanChangesNothingAndAReleaseRunsWhatItSaid"},
	},
}
