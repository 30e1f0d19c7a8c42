// Conform looks at the flyctl that is installed and reports whether it suits: its
// version, and whether it has every command and flag that the library and
// scripts/prove use:
//
//	go run ./scripts/conform
//
// It asks flyctl for its version and for help, and for nothing else: it changes
// nothing, and needs no account and no network. What the library uses it learns
// from the library (see uses.go). It exits 1 where something is missing; where
// there is no flyctl it says so, and exits 0 unless -must is given.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func main() {
	must := flag.Bool("must", false, "exit 1 where there is no flyctl")
	flag.Parse()
	path, err := flyctl.Find("")
	if errors.Is(err, flyctl.ErrNotInstalled) && !*must {
		fmt.Println("there is no flyctl here, so there is nothing to look at:", err)
		return
	}
	if err == nil {
		fmt.Println("flyctl is", path)
		err = conform(context.Background(), flyctl.Exec(path), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conform:", err)
		os.Exit(1)
	}
}

// conform says what it finds, and returns an error if flyctl does not suit.
func conform(ctx context.Context, run flyctl.Runner, out io.Writer) error {
	client := &flyctl.Client{App: app, Run: run}
	version, err := client.Version(ctx)
	if err != nil && !errors.Is(err, flyctl.ErrTooOld) {
		return err
	}
	verdict := "suits"
	if err != nil {
		verdict = "is too old"
	}
	fmt.Fprintf(out, "its version %s %s: %s or newer is wanted\n", version, verdict, flyctl.MinVersion)
	all, err := uses(ctx)
	if err != nil {
		return err
	}
	wrong := 0
	for _, u := range all {
		faults, notes, err := u.probe(ctx, run)
		if err != nil {
			return err
		}
		mark := "ok  "
		if len(faults) > 0 {
			mark = "FAIL"
			wrong++
		}
		fmt.Fprintf(out, "%s  %s\n", mark, u)
		for _, text := range append(faults, notes...) {
			fmt.Fprintf(out, "      %s\n", text)
		}
	}
	switch {
	case wrong > 0:
		return fmt.Errorf("%d of %d commands are not as the library uses them", wrong, len(all))
	case verdict != "suits":
		return fmt.Errorf("flyctl %s is too old: %s or newer is wanted", version, flyctl.MinVersion)
	}
	return nil
}
