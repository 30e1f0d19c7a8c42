package main

import (
	"strings"
	"testing"
)

// A mutation whose text has changed would not be put in any more.
func TestEveryMutationFitsTheCode(t *testing.T) {
	for _, m := range all() {
		if _, err := m.files(root(t)); err != nil {
			t.Error(err)
		}
	}
}

func TestAMutationThatDoesNotFitIsAnError(t *testing.T) {
	for _, old := range []string{"there is no such text", "return"} {
		m := mutation{name: "odd", edits: []edit{{"drain/run.go", old, ""}}}
		if _, err := m.files(root(t)); err == nil || !strings.Contains(err.Error(), "times") {
			t.Errorf("%q: %v", old, err)
		}
	}
}

// A change that nobody notices, one that does not build, and one that is noticed.
func TestOnlyATestThatFailsIsABite(t *testing.T) {
	const test = "TestHostileTextsDoNotPassTheChecks"
	for text, want := range map[string]string{
		"[a-z0-9]{4,":  "**nothing**",
		"`) no go (`":  "**no test was run: exit status 1: ",
		"[a-z0-9-]{4,": test,
		"(":            "panic: regexp: ",
	} {
		m := mutation{name: "odd", edits: []edit{{"drain/flyctl/validate.go", "[a-z0-9]{4,", text}}, in: "drain/flyctl", tests: []string{test}}
		if got := try(root(t), m).String(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestWhatCaughtAMutationIsTheFirstTestThatFailedOrThePanic(t *testing.T) {
	for want, out := range map[string]string{
		"TestOne":        "--- FAIL: TestOne (0.00s)\n    x_test.go:1: no\nFAIL\n",
		"TestOne/a_part": "--- FAIL: TestOne (0.00s)\n    --- FAIL: TestOne/a_part (0.00s)\n        x_test.go:1: no\nFAIL\n",
		"panic: oh":      "panic: oh\n\ngoroutine 7 [running]:\nexample.com/x.TestTwo.func1()\n",
		"":               "FAIL\texample.com/x [setup failed]\n",
	} {
		if got := culprit([]byte(out)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
