package main

// What can be wrong in the loop, in what an interrupt leaves, in what resumes a
// release or takes it back, and in a plan. What is decided is not here: each of its
// conditions is tried by scripts/conditions.
var cutover = []mutation{
	{
		name:  "the proxies are not waited for",
		edits: []edit{{"drain/deploy.go", `Spread: j.Propagation,`, `Spread: 0,`}},
		tests: []string{"TestAReleaseReplacesAllOfBlueAndCutsNothing"},
	},
	{
		name: "apps do not wait for each other", rule: "S6",
		edits: []edit{{"drain/deploy.go", `{ return r.run(ctx, (*run).deploy) }`, `{
	if len(r.Apps) > 1 {
		for _, a := range r.Apps {
			r.Apps = []App{a}
			if report, err := r.Deploy(ctx); err != nil {
				return report, err
			}
		}
		return Report{Result: ResultDone}, nil
	}
	return r.run(ctx, (*run).deploy)
}`}},
		tests: []string{"TestAnUnhealthyGreenInTheLastOfFiveAppsLeavesAllOnBlue"},
	},
	{
		name:  "the release's own check is not asked",
		edits: []edit{{"drain/execute.go", `err = j.check(ctx)`, `err = nil`}},
		tests: []string{"TestACheckThatRefusesLeavesBlueServing"},
	},
	{
		name: "what an interrupt cuts short is left as it is", rule: "S5",
		edits: []edit{{"drain/loop.go", `err := j.finish(ctx)`, `var err error`}},
		in:    "drain/internal/scripts", tests: []string{"TestScript/green-interrupted-in-deploy"},
	},
	{
		name: "an interrupted cutover is taken back, not finished", rule: "S6",
		edits: []edit{{"drain/loop.go", `err := j.finish(ctx)`, `j.goal, j.facts = rollout.Turn(j.goal, j.facts, rollout.Decision{Fail: true}, j.now())
	err := j.finish(ctx)`}},
		tests: []string{"TestInterruptedWhileBlueIsCordonedTheCutoverIsFinished"},
	},
	{
		name: "green is not held by a fresh list after an interrupt", rule: "S5",
		edits: []edit{{"drain/loop.go", `		_ = j.look(ctx) //`, `		//`}},
		in:    "drain/internal/scripts", tests: []string{"TestScript/green-interrupted-in-deploy"},
	},
	{
		name:  "an interrupted run takes its time",
		edits: []edit{{"drain/wait.go", `time.Until(i.since().Add(d))`, `time.Hour`}},
		tests: []string{"TestAnInterruptInTheDrainOfGreenIsBounded"},
	},
	{
		name:  "a list that cannot be had ends a drain",
		edits: []edit{{"drain/loop.go", `lost >= undoAfter && draining && final(err)`, `lost >= undoAfter && draining`}},
		tests: []string{"TestADrainOutlivesAnOutage"},
	},
	{
		name: "what a dead run left open is taken for at rest", rule: "S10",
		edits: []edit{{"drain/resume.go", `			todo = append(todo, in)`, `			_ = in`}},
		tests: []string{"TestAFirstReleaseThatDiedStartsOver"},
	},
	{
		name:  "another run that is at work is repaired",
		edits: []edit{{"drain/resume.go", `watch.Quiet(now):`, `true:`}},
		tests: []string{"TestARunThatBeginsBesideAnotherWaitsForItsEnd"},
	},
	{
		name: "a part of a release's apps is resumed", rule: "S6",
		edits: []edit{{"drain/resume.go", `case in.Missing != "":`, `case false:`}},
		tests: []string{"TestResumeDecidesForAllAppsOfAReleaseTogether"},
	},
	{
		name: "a rollback makes its entry before it looks", rule: "S7",
		edits: []edit{{"drain/rollback.go", `	older, err := intent.Predecessors(`, `	for i, a := range j.apps {
		a.image = lists[i][0].ImageRef.String()
		_, _ = j.execute(ctx, a, fleet.Command{Verb: fleet.Record})
	}
	older, err := intent.Predecessors(`}},
		tests: []string{"TestARollbackDoesNothingWhereItIsNotSure"},
	},
	{
		name: "a plan makes what it plans", rule: "S8",
		edits: []edit{{"drain/copied.go", `	a.acting = &flyctl.Client{`, `	_ = &flyctl.Client{`}},
		tests: []string{"TestAPlanChangesNothingAndAReleaseRunsWhatItSaid"},
	},
	{
		name: "a plan leaves out what it holds", rule: "S8",
		edits: []edit{{"drain/planner.go", `		step.Commands = append(`, `		if cs[0].Verb == fleet.Cordon {
			of.ran = nil
		}
		step.Commands = append(`}},
		tests: []string{"TestAPlanChangesNothingAndAReleaseRunsWhatItSaid"},
	},
}
