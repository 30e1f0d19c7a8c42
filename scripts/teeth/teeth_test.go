package main

import (
	"fmt"
	"path/filepath"
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

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
