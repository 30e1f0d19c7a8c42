// Crashmatrix kills releases at every possible moment. It finds out what is left, and
// whether one more run repairs it:
//
//	go run ./scripts/crashmatrix            # all, in minutes
//	go run ./scripts/crashmatrix -write     # and keep the table in matrix.md
//	go run ./scripts/crashmatrix -scenario "one app"
//
// It exits 1 where a cell did not converge, or a rule was broken. Everything
// happens in one process and in simulated time, which testing/synctest gives to
// tests only: so main is a test of its own, run by [testing.Main]. The package's
// tests play the same matrix in CI, a sample with real processes and signals, and the
// campaign: releases at random, in which several things go wrong at once.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"testing"
)

func main() {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	only := flag.String("scenario", "", fmt.Sprintf("only this one of %q", names))
	keep := flag.Bool("write", false, "write scripts/crashmatrix/matrix.md, below the current folder")
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "matrix", F: func(t *testing.T) {
		todo := slices.DeleteFunc(slices.Clone(scenarios), func(s *scenario) bool { return *only != "" && s.name != *only })
		if len(todo) == 0 {
			t.Fatalf("no scenario is called %q: there are %q", *only, names)
		}
		debug.SetGCPercent(400) // the bubbles are small, and many
		all := matrix(t, todo, 1, os.Stderr)
		var text bytes.Buffer
		write(&text, all)
		if !*keep {
			fmt.Print(text.String())
		} else if err := os.WriteFile("scripts/crashmatrix/matrix.md", text.Bytes(), 0o644); err != nil {
			t.Error(err)
		}
	}}}, nil, nil)
}
