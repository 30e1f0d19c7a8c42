// Teeth puts known mistakes into the code, one at a time, and checks that the tests
// that should notice do. Run it at the root of the module:
//
//	go run ./scripts/teeth            # all of them
//	go run ./scripts/teeth -run zero  # those with that in their names
//
// A mistake is a replacement of text in a copy of a file, which the go
// command takes for the file itself (-overlay): nothing here is changed. Text that
// is not found exactly once is an error, so that none of them can rot. Only the
// tests named for it are run, and one must fail; before, all of them must pass
// without any change. It prints a Markdown table, and exits 1 if one survives.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	var only regexp.Regexp
	flag.TextVar(&only, "run", regexp.MustCompile(""), "only mutations whose names match this `regexp`")
	parallel := flag.Int("parallel", runtime.NumCPU(), "how many are tried side by side")
	flag.Parse()
	if flag.NArg() > 0 || *parallel < 1 {
		fmt.Fprintln(os.Stderr, "teeth: flags only, and at least one side by side")
		flag.Usage()
		os.Exit(2)
	}
	if err := run(&only, *parallel); err != nil {
		fmt.Fprintln(os.Stderr, "teeth:", err)
		os.Exit(1)
	}
}

func run(only *regexp.Regexp, parallel int) error {
	chosen := slices.DeleteFunc(all(), func(m mutation) bool { return !only.MatchString(m.name) })
	if len(chosen) == 0 {
		return fmt.Errorf("no mutation is called %q", only)
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := sound(root, chosen); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "all of their tests pass without a change (%.1f s)\n", time.Since(begun).Seconds())
	bites := make([]bite, len(chosen))
	var g errgroup.Group
	g.SetLimit(parallel)
	for i, m := range chosen {
		g.Go(func() error {
			bites[i] = try(root, m)
			fmt.Fprintf(os.Stderr, "%s: %s (%.1f s)\n", m.name, bites[i], bites[i].took.Seconds())
			return nil
		})
	}
	_ = g.Wait()
	return report(chosen, bites, time.Since(begun))
}

func report(chosen []mutation, bites []bite, took time.Duration) error {
	fmt.Println("| put in | rule | caught by |\n|---|---|---|")
	caught := 0
	for i, b := range bites {
		if b.err == nil && b.by != "" {
			caught++
		}
		fmt.Printf("| %s | %s | %s |\n", chosen[i].name, chosen[i].rule, b)
	}
	fmt.Printf("\n%d of %d were caught, in %.0f s.\n", caught, len(bites), took.Seconds())
	if caught < len(bites) {
		return fmt.Errorf("%d of %d were not caught", len(bites)-caught, len(bites))
	}
	return nil
}

// all are the known ways to be wrong, in the order of a release.
func all() []mutation { return slices.Concat(green, cutover, idle, probes, rest) }
