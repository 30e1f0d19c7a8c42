package view

import (
	"fmt"
	"io"
	"os"

	"github.com/flydrain/flydrain/drain"
)

// Outcome writes how a release ended, in words, as the last line of a program,
// sets "outcome" for the later steps of a GitHub Actions job ($GITHUB_OUTPUT),
// and gives the program's exit code.
func Outcome(w io.Writer, report drain.Report, err error) int {
	if err != nil {
		fmt.Fprintf(w, "error: %v\n", err)
	}
	fmt.Fprintln(w, report.Summary())
	if path := os.Getenv("GITHUB_OUTPUT"); path != "" {
		if err := appendLine(path, "outcome="+string(report.Result)); err != nil {
			fmt.Fprintf(w, "warning: GITHUB_OUTPUT: %v\n", err)
		}
	}
	return report.Result.ExitCode()
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
