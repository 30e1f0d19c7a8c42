package main

// What can be wrong in the counting of connections.
var probes = []mutation{
	{
		name: "the lower count of two probes is taken", rule: "S4",
		edits: []edit{{"drain/probe/probe.go", `best.n = max(best.n, r.n)`, `best.n = min(best.n, r.n)`}},
		in:    "drain/probe",
		tests: []string{"TestOfSeveralProbesTheHighestKnownCountCounts"},
	},
	{
		name: "what none of several probes knows is zero", rule: "S4",
		edits: []edit{{"drain/probe/probe.go", `return Unknown(strings.Join(whys, "; "))`, `return Known(len(strings.Join(nil, "")))`}},
		in:    "drain/probe",
		tests: []string{"TestOfSeveralProbesTheHighestKnownCountCounts"},
	},
	{
		name: "a series that is missing is zero", rule: "S4",
		edits: []edit{{"drain/probe/prometheus.go", `out[m.ID] = Unknown("the metrics have no series " + concurrency + " for this machine")`, `out[m.ID] = Known(0)`}},
		tests: []string{"TestASeriesThatVanishesIsNotZero/is_unknown"},
	},
	{
		name: "a sample that is old is as good as new", rule: "S4",
		edits: []edit{{"drain/probe/metrics.go", `case age > stale:`, `case age > 100*stale:`}, {"drain/probe/prometheus.go", `oldest+remember*scrape`, `400*scrape`}},
		in:    "drain/probe", tests: []string{"TestMetricsTellACountOrWhyItIsUnknown"},
	},
	{
		name: "a value that is not a number is zero", rule: "S4",
		edits: []edit{{"drain/probe/metrics.go", `case newest.value < 0, newest.value != math.Trunc(newest.value), `, `case `}},
		tests: []string{"TestASeriesThatVanishesIsNotZero/one_that_is_not_a_number"},
	},
	{
		name: "tables that are cut off are whole", rule: "S4",
		edits: []edit{{"drain/probe/sockettable.go", `if tables != 2 || sockstat < 2 ||`, `if tables == 9 &&`}},
		in:    "drain/probe",
		tests: []string{"TestTablesCutOffAnywhereAreNoTables"},
	},
	{
		name: "connections over IPv6 do not count", rule: "S2",
		edits: []edit{{"drain/probe/sockettable.go", `remote.Addr(); counts &&`, `remote.Addr(); table == 1 && counts &&`}},
		in:    "drain/probe",
		tests: []string{"TestOnlySocketsOfClientsFromOutsideCount"},
	},
	{
		name: "a command that prints nothing has counted none", rule: "S4",
		edits: []edit{{"drain/probe/exec.go", `n, err := parseCount(out)`, `n, err := parseCount("0" + out)`}},
		in:    "drain/probe",
		tests: []string{"TestExecProbesSayWhyTheyDoNotKnow/nothing"},
	},
}
