package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"testing"
)

// TestMatrix plays all of the matrix, and holds it against the table that is kept.
func TestMatrix(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("some minutes of CPU")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var now tally
	for _, r := range matrix(t, scenarios, testWriter{t}) {
		now.merge(sum(r.cells))
	}
	kept, err := os.ReadFile("matrix.md")
	if err != nil {
		t.Fatal(err)
	}
	var was tally
	line := regexp.MustCompile(`(?m)^\| \*\*all\*\* .*$`).FindString(string(kept))
	if _, err := fmt.Sscanf(line, "| **all** |  | %d | %d |", &was.cells, &was.converged); err != nil {
		t.Fatalf("the totals of matrix.md cannot be read: %q: %v", line, err)
	}
	// Runs that poll do not always poll equally often.
	if d := now.cells - was.cells; d > was.cells/10 || -d > was.cells/10 || was.converged < was.cells {
		t.Errorf("matrix.md tells of %d cells, %d of them converged, and there are %d: go run ./scripts/crashmatrix -write", was.cells, was.converged, now.cells)
	}
}

// TestSample plays some of it under the race detector.
func TestSample(t *testing.T) {
	dir, remove, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	s := *scenarios[0]
	s.shape = tiny
	steps := s.learn(t, dir)
	r := &result{scenario: &s, calls: len(steps)}
	for i, c := range append(s.singles(steps), s.troubled(steps)...) {
		if i%20 == 0 {
			r.cells = append(r.cells, c)
		}
	}
	r.play(t, dir)
	r.complain(t)
}

type testWriter struct{ *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.Logf("%s", p)
	return len(p), nil
}
