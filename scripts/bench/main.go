// Bench releases an app on the simulated Fly in each of the ways there are to do
// it, side by side, and prints what each of them costs, as Markdown:
//
//	go run ./scripts/bench
//
// It exits 1 where drain.Release is not as good as it must be (see missed). Time
// is simulated: hours take seconds. Simulated time is testing/synctest, which
// needs a test: so main is one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func main() {
	if os.Getenv(socketVariable) != "" {
		os.Exit(beFlyctl(os.Args[1:]))
	}
	_ = os.Unsetenv("GOGC") // of whoever runs it: it decides what flyctl is run with
	sizes := []int{5, 20, 60, 100, 500}
	flag.Func("sizes", "`numbers` of machines (default 5,20,60,100,500)", func(text string) (err error) {
		sizes, err = parseSizes(text)
		return err
	})
	output := flag.String("o", "", "`file` for the report (default standard output)")
	flag.Parse() // before testing.Main adds flags of its own
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "bench: %q is not a flag\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "bench", F: func(t *testing.T) {
		if err := run(t, sizes, *output); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		os.Exit(0) // a test that returns prints PASS
	}}}, nil, nil)
}

func parseSizes(text string) (sizes []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < len(regions) {
			return nil, fmt.Errorf("invalid number of machines %q: want at least %d, one a region", part, len(regions))
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

func run(t *testing.T, sizes []int, output string) error {
	rows, err := bench(t, sizes, os.Stderr)
	if err != nil {
		return err
	}
	text := report(rows, days(t, []int{5, 100, 1000}, 300, os.Stderr))
	if output == "" {
		fmt.Print(text)
	} else if err := os.WriteFile(output, []byte(text), 0o644); err != nil {
		return err
	}
	return errors.Join(missed(rows)...)
}

// bench tries all ways with each number of machines.
func bench(t *testing.T, sizes []int, progress io.Writer) (rows []row, err error) {
	for _, n := range sizes {
		for _, w := range ways {
			begun := time.Now()
			r, err := w.try(t, n)
			if err != nil {
				return nil, fmt.Errorf("%s, %d machines: %w", w.name, n, err)
			}
			fmt.Fprintf(progress, "%d machines, %s: %.1f s\n", n, w.name, time.Since(begun).Seconds())
			rows = append(rows, r)
		}
	}
	return rows, nil
}
