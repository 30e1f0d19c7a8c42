package main

// What else can be wrong: in the steps for pipes, and in what is said.
var rest = []mutation{
	{
		name: "a token is shown", rule: "S9",
		edits: []edit{{"drain/flyctl/redact.go", `func (r redactor) redact(s string) string {
`, `func (r redactor) redact(s string) string {
	if true {
		return s
	}
`}},
		in: "drain/flyctl", tests: []string{"TestNoErrorShowsAToken"},
	},
	{
		name: "the metrics' token is shown", rule: "S9",
		edits: []edit{{"drain/probe/prometheus.go", `errors.New(flyctl.Printable(err.Error(), token))`, `err`}},
		in:    "drain/probe",
		tests: []string{"TestATokenOfAnyShapeIsNotShown"},
	},
	{
		name: "a token is passed on to flyctl's command line", rule: "S9",
		edits: []edit{{"drain/flyctl/validate.go", `case name == "-t", name == "--access-token":`, `case false:`}},
		in:    "drain/flyctl", tests: []string{"TestUsersOwnFlagsPassUnlessTheyChangeWhatADeployIsAbout"},
	},
	{
		name: "a step acts though the one before it failed",
		edits: []edit{{"drain/internal/pipe/pipe.go", `		if err := s.Failed(p); err != nil {
			return err // a stage before may have ended early
		}
`, ``}},
		in: "drain", tests: []string{"TestAfterAStepThatFailsForOneMachineNoOtherStepActs"},
	},
	{
		name: "a cordon leaves nobody in traffic", rule: "S1",
		edits: []edit{{"drain/cordon.go", `if n > 0 && after[p] == 0 {`, `if n < 0 && after[p] == 0 {`}},
		in:    "drain/internal/scripts", tests: []string{"TestScript/cordon-refuses-last-serving"},
	},
	{
		name:  "lists are not paced",
		edits: []edit{{"drain/flyctl/list.go", `pace: []*pacer{&c.lists}, `, ``}},
		in:    "drain/flyctl", tests: []string{"TestListsAndCreatesArePaced"},
	},
	{
		name:  "an id can be a flag",
		edits: []edit{{"drain/flyctl/validate.go", "[a-z0-9]{4,", "[a-z0-9-]{4,"}},
		in:    "drain/flyctl", tests: []string{"TestHostileTextsDoNotPassTheChecks"},
	},
}
