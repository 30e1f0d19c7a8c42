package main

import (
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"
)

// long reports whether all is to be played, which takes minutes, and not a sample. It asks
// each time: go test keeps no result of a run in which that was otherwise.
func long() bool { return os.Getenv("FLYDRAIN_LONG") != "" }

// TestMatrixIsAsItsTableSays plays the matrix, of large scenarios and of the cells in which a run
// dies twice a sixth, and holds it against the table that is kept.
func TestMatrixIsAsItsTableSays(t *testing.T) {
	if !long() {
		t.Skip("some minutes: FLYDRAIN_LONG is not set")
	}
	t.Parallel()
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	kept, err := os.ReadFile("matrix.md")
	if err != nil {
		t.Fatal(err)
	}
	was := map[string]tally{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \| \d* \| (\d+) \| (\d+) \|`).FindAllStringSubmatch(string(kept), -1) {
		cells, _ := strconv.Atoi(m[2])     // the pattern
		converged, _ := strconv.Atoi(m[3]) // says that these are numbers
		was[m[1]] = tally{cells: cells, converged: converged}
	}
	for _, r := range matrix(t, scenarios, 6, testWriter{t}) {
		now := sum(r.cells)
		kept, told := was[r.scenario.name+r.what]
		// Runs that poll do not always poll equally often.
		d := now.cells - kept.cells
		if !told || kept.converged < kept.cells || r.what == "" && !r.scenario.large && (d > kept.cells/10 || -d > kept.cells/10) {
			t.Errorf("%s%s: matrix.md tells of %d cells, %d of them converged, and there are %d: go run ./scripts/crashmatrix -write",
				r.scenario.name, r.what, kept.cells, kept.converged, now.cells)
		}
	}
}

// TestSomeCellsOfTheMatrixConverge plays some cells of the smallest scenario.
func TestSomeCellsOfTheMatrixConverge(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	s := *scenarios[0]
	s.shape = tiny
	steps := s.learn(t)
	r := &result{scenario: &s, calls: len(steps)}
	for i, c := range append(s.singles(steps), s.troubled(steps)...) {
		if i%20 == 0 {
			r.cells = append(r.cells, c)
		}
	}
	r.play(t)
	if len(r.cells) < 100 {
		t.Errorf("too few moments came: %v", r)
	}
	r.complain(t)
}

type testWriter struct{ *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.Logf("%s", p)
	return len(p), nil
}
