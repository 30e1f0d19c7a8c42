package main

import (
	"flag"
	"io"
	"slices"
	"testing"

	"mvdan.cc/sh/v3/shell"

	"github.com/flydrain/flydrain/drain"
)

// TestTheNextCommandSetsTheFlagsAsThisOneDid has values that a shell or package flag
// could take for something else.
func TestTheNextCommandSetsTheFlagsAsThisOneDid(t *testing.T) {
	for _, args := range [][]string{
		{"-app", "my-app", "-check", "true"},
		{"-app", "my-app", "-check", "false"},
		{"-app", "my-app", "-check", "curl -f 'https://staging' && echo \"$A\" #*"},
		{"-app", "my-app", "-check=--", "-lose-config"},
		{"-app", "my-app", "-check", "-drain"},
		{"-app", "my-app", "-on-drain", "", "-lose-config"},
		{"-app", "my-app", "-allow-unreachable=false", "-lose-config=0"},
		{"-app", "my-app", "-allow-unreachable=true", "-lose-config=T"},
		{"-app", "api=./a b", "-app", "web=./web", "-limit", "0"},
	} {
		// Given a run with these flags
		first := parsed(t, args)
		// When what its next command names is run
		words, err := shell.Fields(first.Again("drain"), nil)
		if err != nil {
			t.Fatal(err)
		}
		// Then it drains, with the same values
		if words[0] != "my deploy" || words[len(words)-1] != "-drain" {
			t.Errorf("%q: %q", args, words)
		}
		if second := parsed(t, words[1:len(words)-1]); second.AllowUnreachable != first.AllowUnreachable || second.LoseConfig != first.LoseConfig ||
			second.OnDrain != first.OnDrain || second.Limit != first.Limit || (second.Check == nil) != (first.Check == nil) ||
			!slices.EqualFunc(second.Apps, first.Apps, func(a, b drain.App) bool { return a.Name == b.Name && a.Dir == b.Dir }) {
			t.Errorf("%q: %q sets something else", args, words)
		}
		if again := parsed(t, words[1:len(words)-1]).Again("drain"); again != first.Again("drain") {
			t.Errorf("%q: %s, and then %s", args, first.Again("drain"), again)
		}
	}
}

// parsed returns the release that flags ask for.
func parsed(t *testing.T, args []string) *drain.Release {
	t.Helper()
	var r drain.Release
	fs := flag.NewFlagSet("my deploy", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	checkFlag(fs, &r)
	apply := r.Flags(fs)
	repeat(fs, &r)
	fs.Bool("version", false, "")
	if err := parse(fs, args, apply); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return &r
}
