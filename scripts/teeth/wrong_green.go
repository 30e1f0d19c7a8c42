package main

// What can be wrong in the commands that create green, and in what a list is taken for.
var green = []mutation{
	{
		name: "green has the size that flyctl gives it, not blue's",
		edits: []edit{{"drain/execute.go", `		Guest:           c.Slot.Guest,
`, ``}},
		tests: []string{"TestGuestsAreBluesWhereFlyTomlHasNone"},
	},
	{
		name: "a deploy replaces blue", rule: "S3",
		edits: []edit{{"drain/execute.go", `slices.Concat(before.Blue, before.Others)`, `slices.Concat(before.Blue[:0])`}, {"drain/execute.go", `OnlyNewMachines: true, //`, `OnlyNewMachines: false, //`}},
		tests: []string{"TestAReleaseReplacesAllOfBlueAndCutsNothing"},
	},
	{
		name: "green has no mark", rule: "S10",
		edits: []edit{{"drain/execute.go", `		Env:             []string{fleet.MarkEnv + "=" + a.mark.String()},
`, ``}},
		tests: []string{"TestAReleaseReplacesAllOfBlueAndCutsNothing"},
	},
	{
		name: "flyctl leases what it creates, and green cannot be held", rule: "S5",
		edits: []edit{{"drain/execute.go", `		WaitTimeout:     "none", //`, `		//`}},
		tests: []string{"TestGreenIsHeldWhileFlyctlIsStillAtWork"},
	},
	{
		name: "green is held only after the deploy returned", rule: "S5",
		edits: []edit{{"drain/loop.go", `		j.wait(ctx, pace, d.Until)
	}
}`, `		for d.Phase == rollout.PhasePrepare && len(j.under) > 0 {
			j.end(<-j.ended)
		}
		j.wait(ctx, pace, d.Until)
	}
}`}},
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
		name:  "a list that is short is believed at once",
		edits: []edit{{"drain/internal/lists/lists.go", `if missing == 0 || len(f) > 0`, `if true || len(f) > 0`}},
		in:    "drain/internal/lists", tests: []string{"TestAListThatLacksMachinesIsAskedForAgain"},
	},
	{
		name:  "an empty list is believed when it has been so for a while",
		edits: []edit{{"drain/internal/lists/lists.go", `missing == 0 || len(f) > 0 &&`, `missing == 0 ||`}},
		in:    "drain/internal/lists", tests: []string{"TestAnEmptyListIsNotBelieved"},
	},
	{
		name:  "what this run has destroyed is missed",
		edits: []edit{{"drain/internal/lists/lists.go", `	l.known[id] = false`, `	_ = id`}},
		in:    "drain/internal/lists", tests: []string{"TestAListThatLacksMachinesIsAskedForAgain"},
	},
	{
		name: "a list that does not say what is cordoned is believed", rule: "S4",
		edits: []edit{{"drain/flyctl/list.go", `if r.Cordoned == nil {`, `if r.Cordoned == nil {
		r.Cordoned = new(bool)
	}
	if r.Cordoned == nil {`}},
		in: "drain/flyctl", tests: []string{"TestAListOfOldRowsNamesTheVersionThatItTakes"},
	},
}

// blindly repeats flyctl whatever it was run for.
var blindly = edit{"drain/flyctl/retry.go", `func (c *Client) repeat(`, `func (c *Client) blindly(ctx context.Context, k call) (Result, error) {
	return ask(ctx, c, k, func(r Result) (Result, error) { return r, nil })
}

func (c *Client) repeat(`}
