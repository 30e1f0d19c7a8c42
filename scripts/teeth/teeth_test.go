package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryRuleHasAMutationAndEveryMutationAName(t *testing.T) {
	rules, names := map[string]bool{}, map[string]bool{}
	for _, m := range all() {
		if m.name == "" || names[m.name] || len(m.tests) == 0 {
			t.Errorf("a mutation without a name of its own, or without tests: %q", m.name)
		}
		names[m.name], rules[m.rule] = true, true
	}
	for i := range 10 {
		if rule := fmt.Sprintf("S%d", i+1); !rules[rule] {
			t.Errorf("no mutation breaks %s", rule)
		}
	}
}

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

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
