package view

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// Outcome writes how a release ended, in words, as the last line of a program,
// sets "outcome" for the later steps of a GitHub Actions job ($GITHUB_OUTPUT),
// and gives the program's exit code.
func Outcome(w io.Writer, report drain.Report, err error) int {
	if err != nil {
		for i, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintln(w, map[bool]string{true: "error: ", false: "  "}[i == 0]+flyctl.Printable(line))
		}
	}
	if path := os.Getenv("GITHUB_OUTPUT"); path != "" {
		if err := appendLine(path, "outcome="+string(report.Result)); err != nil {
			fmt.Fprintf(w, "warning: GITHUB_OUTPUT: %v\n", err)
		}
	}
	fmt.Fprintln(w, flyctl.Printable(report.Summary()))
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
