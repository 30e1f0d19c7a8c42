package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// trial is what is tried.
type trial struct {
	root     string
	dirs     []string
	only     *regexp.Regexp
	states   bool
	parallel int
}

// The worlds of every-state that take a few seconds together.
const quickWorlds = `^TestEveryState$/^(one_machine|three_generations|a_dropped_group|a_floor_of_none|surplus|rollback|bake),`

// A run of the tests that takes longer than this does not end.
const patience = 60 * time.Second

// suite is a run of tests of one binary.
type suite struct {
	name, binary, dir string
	args              []string
	says              string // when it has run
}

// run tries each mutant, and returns them with what has killed them.
func (t trial) run() ([]mutant, error) {
	temp, err := os.MkdirTemp("", "conditions")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	root, err := filepath.Abs(t.root)
	if err != nil {
		return nil, err
	}
	t.root = root
	mutants, overlay, err := t.overlay(temp)
	if err != nil {
		return nil, err
	}
	suites, err := t.build(temp, overlay)
	if err != nil {
		return nil, err
	}
	for _, s := range suites {
		switch killed, out := s.kills(0); {
		case killed:
			return nil, fmt.Errorf("%s fail with no condition changed:\n%s", s.name, out)
		case !strings.Contains(out, s.says):
			return nil, fmt.Errorf("%s are not there:\n%s", s.name, out)
		}
	}
	var chosen []mutant
	for _, m := range mutants {
		if t.only.MatchString(m.place()) {
			chosen = append(chosen, m)
		}
	}
	var g errgroup.Group
	g.SetLimit(t.parallel)
	for i := range chosen {
		g.Go(func() error {
			for _, s := range suites {
				if killed, _ := s.kills(chosen[i].number); killed {
					chosen[i].by = s.name
					return nil
				}
			}
			return nil
		})
	}
	return chosen, g.Wait()
}

// overlay writes the files that have all mutants in them.
func (t trial) overlay(temp string) (mutants []mutant, path string, err error) {
	imports, err := importsOf(t.root, t.dirs)
	if err != nil {
		return nil, "", err
	}
	replace := map[string]string{}
	for _, dir := range t.dirs {
		var files map[string][]byte
		if files, mutants, err = rewrite(t.root, dir, imports, mutants); err != nil {
			return nil, "", err
		}
		for path, source := range files {
			copied := filepath.Join(temp, fmt.Sprintf("%d.go", len(replace)))
			if err := os.WriteFile(copied, source, 0o600); err != nil {
				return nil, "", err
			}
			replace[path] = copied
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, "", err
	}
	path = filepath.Join(temp, "overlay.json")
	return mutants, path, os.WriteFile(path, data, 0o600)
}

// build compiles the tests, and returns how they are run: all tables first.
func (t trial) build(temp, overlay string) ([]suite, error) {
	var suites, worlds []suite
	for i, dir := range t.dirs {
		binary := filepath.Join(temp, fmt.Sprintf("%d.test.exe", i)) // as Windows needs it
		build := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", binary, "./"+dir)
		build.Dir = t.root
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w:\n%s", dir, err, out)
		}
		at := filepath.Join(t.root, filepath.FromSlash(dir))
		suites = append(suites, suite{"tables of " + dir, binary, at, []string{"-test.failfast", "-test.skip", "^TestEveryState$"}, "PASS"})
		if t.states && strings.HasSuffix(dir, "/rollout") {
			worlds = append(worlds, suite{"worlds of " + dir, binary, at, []string{"-test.failfast", "-test.v", "-test.run", quickWorlds}, "--- PASS: TestEveryState/"})
		}
	}
	return append(suites, worlds...), nil
}

// kills reports whether the tests fail while a condition is wrong; 0 is none. Tests
// that do not end have failed.
func (s suite) kills(number int) (bool, string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary, s.args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, number), "GOMAXPROCS=1")
	out, err := cmd.CombinedOutput()
	return err != nil, string(out)
}

// report prints figures and what has survived.
func report(out io.Writer, ms []mutant) error {
	by, survived, places := map[string]int{}, 0, map[string]bool{}
	excused, useful := map[string]bool{}, map[string]bool{}
	for _, m := range ms {
		places[m.place()+m.text] = true
		if m.excused {
			excused[m.place()] = true
		}
		switch {
		case m.by != "":
			by[m.by]++
		case m.excused:
			useful[m.place()] = true
		default:
			survived++
			fmt.Fprintln(out, m)
		}
	}
	fmt.Fprintf(out, "%d conditions, %d ways to be wrong:", len(places), len(ms))
	for _, name := range names(by) {
		fmt.Fprintf(out, " %d killed by the %s,", by[name], name)
	}
	fmt.Fprintf(out, " %d lines with an exception, %d survived\n", len(useful), survived)
	for _, place := range names(excused) {
		if !useful[place] {
			return fmt.Errorf("%s: each of its conditions makes a difference: its comment says that one does not", place)
		}
	}
	if survived > 0 {
		return fmt.Errorf("%d ways to be wrong were noticed by no test", survived)
	}
	return nil
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
