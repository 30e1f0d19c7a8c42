package view

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// Outcome writes how a run ended and returns the program's exit code (see
// [drain.Report.ExitCode]). It writes the error, the commands to run next that neither
// the error nor the report names, and as the last line the report. In GitHub Actions it
// also sets "outcome" to the result, for later steps of the job ($GITHUB_OUTPUT).
func Outcome(w io.Writer, report drain.Report, err error) (exitCode int) {
	printError(w, err)
	if path := os.Getenv("GITHUB_OUTPUT"); path != "" {
		if err := appendTo(path, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, "outcome="+string(report.Result))
			return err
		}); err != nil {
			fmt.Fprintf(w, "warning: GITHUB_OUTPUT: %v\n", err)
		}
	}
	for _, command := range toPrint(report, err) {
		fmt.Fprintln(w, "next: "+flyctl.Printable(command))
	}
	fmt.Fprintln(w, flyctl.Printable(report.String()))
	return report.ExitCode()
}

// printError writes an error, if there is one. That a person has interrupted the run is
// none: the last line says how it ended.
func printError(w io.Writer, err error) {
	if errors.Is(err, errInterrupted) && onlyInterrupted(err.Error()) {
		return
	}
	before := "error: "
	for line := range strings.SplitSeq(briefly(err), "\n") {
		if line != "" {
			fmt.Fprintln(w, before+flyctl.Printable(line))
			before = "  "
		}
	}
}

// onlyInterrupted reports whether why a phase ended, "drain: interrupted", says no more.
func onlyInterrupted(why string) bool {
	_, last, _ := strings.Cut(why, ": ")
	return why == errInterrupted.Error() || last == errInterrupted.Error()
}

// briefly returns an error's text: of many lines a few, which mostly differ only in the
// machine.
func briefly(err error) string {
	if err == nil {
		return ""
	}
	const most = 5
	lines := strings.Split(err.Error(), "\n")
	if more := len(lines) - most; more > 1 {
		lines = append(lines[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// toPrint returns the commands to run next that neither the error nor the report names.
func toPrint(report drain.Report, err error) []string {
	said := briefly(err) + "\n" + report.String()
	return slices.DeleteFunc(slices.Clone(report.Next), func(command string) bool { return strings.Contains(said, command) })
}

// appendTo lets write add to a file.
func appendTo(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
