package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// bite is what became of a mutation.
type bite struct {
	by   string // the test that failed; "" if none did
	took time.Duration
	err  error
}

func (b bite) String() string {
	switch {
	case b.err != nil:
		return "**" + b.err.Error() + "**"
	case b.by == "":
		return "**nothing**"
	}
	return b.by
}

// try puts a mutation in, and runs its tests.
func try(root string, m mutation) (b bite) {
	begun := time.Now()
	defer func() { b.took = time.Since(begun) }()
	dir, err := os.MkdirTemp("", "teeth-")
	if err != nil {
		return bite{err: err}
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return bite{err: err}
	}
	out, err := test(root, m.pkg(), m.tests, "-failfast", "-timeout=1m", "-overlay="+overlay)
	if err == nil {
		return bite{}
	}
	if by := culprit(out); by != "" {
		return bite{by: by}
	}
	return bite{err: fmt.Errorf("no test was run: %w: %s", err, regexp.MustCompile(`(?m)^[^#\n].*$`).Find(out))}
}

// overlay writes the files of a mutation as it changes them, and the list of
// these that the go command takes.
func (m mutation) overlay(root, dir string) (string, error) {
	files, err := m.files(root)
	if err != nil {
		return "", err
	}
	var list struct{ Replace map[string]string }
	list.Replace = map[string]string{}
	for name, text := range files {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return "", err
		}
		list.Replace[filepath.Join(root, name)] = path
	}
	data, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, data, 0o644)
}

// files returns the files of a mutation as it changes them.
func (m mutation) files(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, e := range m.edits {
		text, ok := files[e.file]
		if !ok {
			var err error
			if text, err = os.ReadFile(filepath.Join(root, e.file)); err != nil {
				return nil, err
			}
		}
		if n := bytes.Count(text, []byte(e.old)); n != 1 {
			return nil, fmt.Errorf("%q: %s has %d times: %s", m.name, e.file, n, e.old)
		}
		files[e.file] = bytes.Replace(text, []byte(e.old), []byte(e.new), 1)
	}
	return files, nil
}

// sound wants all mutations to fit the code, and all of their tests to be there
// and to pass as it is.
func sound(root string, chosen []mutation) error {
	var errs []error
	tests := map[string][]string{}
	for _, m := range chosen {
		_, err := m.files(root)
		errs = append(errs, err)
		tests[m.pkg()] = append(tests[m.pkg()], m.tests...)
	}
	for pkg, names := range tests {
		out, err := test(root, pkg, names, "-v")
		if err != nil {
			errs = append(errs, fmt.Errorf("without any change: %s: %w\n%s", pkg, err, out))
			continue
		}
		for _, name := range names {
			if !bytes.Contains(out, []byte("--- PASS: "+name+" (")) {
				errs = append(errs, fmt.Errorf("%s has no test %s", pkg, name))
			}
		}
	}
	return errors.Join(errs...)
}

// test runs tests of a package by their names. Most of the time goes into the
// building: without vetting, optimising and debug information it takes half.
func test(root, pkg string, names []string, args ...string) ([]byte, error) {
	patterns := make([]string, len(names))
	for i, name := range names {
		patterns[i] = "^" + strings.ReplaceAll(regexp.QuoteMeta(name), "/", "$/^") + "$"
	}
	args = append([]string{"test", "-count=1", "-vet=off", "-gcflags=-N -l -dwarf=false", "-ldflags=-s -w", "-run=" + strings.Join(patterns, "|")}, args...)
	cmd := exec.Command("go", append(args, "./"+pkg)...)
	cmd.Dir = root
	return cmd.CombinedOutput()
}

var (
	failLine  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	panicLine = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*$`)
)

// culprit names the test that failed: the last, as a part of a test comes after
// it. Where there is none it is a panic, or "".
func culprit(out []byte) string {
	if fails := failLine.FindAllSubmatch(out, -1); fails != nil {
		return string(fails[len(fails)-1][1])
	}
	return string(panicLine.Find(out))
}
