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
	text := ""
	if path := os.Getenv("GITHUB_OUTPUT"); path != "" {
		if err := appendTo(path, "outcome="+string(report.Result)+"\n"); err != nil {
			text += fmt.Sprintf("warning: GITHUB_OUTPUT: %v\n", err)
		}
	}
	for _, command := range toPrint(report, err) {
		text += "next: " + flyctl.Printable(command) + "\n"
	}
	fmt.Fprintln(flyctl.Printer(w), text+flyctl.Printable(report.String()))
	return report.ExitCode()
}

// printError writes an error, if there is one. That a person has interrupted the run is
// none: the last line says how it ended.
func printError(w io.Writer, err error) {
	if errors.Is(err, errInterrupted) && onlyInterrupted(err.Error()) {
		return
	}
	before := "error: "
	if errors.Is(err, drain.ErrNotIdle) {
		before = "warning: " // a deadline that keeps a machine has done what was asked
	}
	for line := range strings.SplitSeq(briefly(err), "\n") {
		if line != "" {
			fmt.Fprintln(w, before+flyctl.Printable(line))
			before = "  "
		}
	}
}

// briefly returns an error's text, safe to show: of many lines a few, which mostly
// differ only in the machine.
func briefly(err error) string {
	if err == nil {
		return ""
	}
	const most = 5
	var text strings.Builder
	fmt.Fprint(flyctl.Printer(&text), err)
	lines := strings.Split(text.String(), "\n")
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

// appendTo adds text to a file. It refuses anything but a regular file: a pipe
// that nobody reads would hold up the end of a release.
func appendTo(path, text string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
