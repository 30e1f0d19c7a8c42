package view

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain"
)

// Outcome writes how a run ended and returns the program's exit code (see
// [drain.Report.ExitCode]). It writes the error, the commands to run next that the
// error does not name, and as the last line the report. In GitHub Actions it also
// sets "outcome" to the result, for later steps of the job ($GITHUB_OUTPUT).
func Outcome(w io.Writer, report drain.Report, err error) (exitCode int) {
	printError(w, err)
	if path := os.Getenv("GITHUB_OUTPUT"); path != "" {
		if err := appendLine(path, "outcome="+string(report.Result)); err != nil {
			fmt.Fprintf(w, "warning: GITHUB_OUTPUT: %v\n", err)
		}
	}
	for _, command := range toPrint(report, err) {
		fmt.Fprintln(w, "next: "+clean(command))
	}
	fmt.Fprintln(w, clean(report.String()))
	return report.ExitCode()
}

// printError writes an error, if there is one.
func printError(w io.Writer, err error) {
	if err == nil {
		return
	}
	before := "error: "
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(w, before+clean(line))
		before = "  "
	}
}

// toPrint returns the commands to run next that the error does not name already.
func toPrint(report drain.Report, err error) []string {
	return slices.DeleteFunc(slices.Clone(report.Next), func(command string) bool {
		return err != nil && strings.Contains(err.Error(), command)
	})
}

func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
