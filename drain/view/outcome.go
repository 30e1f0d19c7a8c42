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

// printError writes an error, if there is one. Of many joined errors it writes a few:
// mostly they differ only in the machine.
func printError(w io.Writer, err error) {
	if err == nil {
		return
	}
	const few = 5
	before, parts := "error: ", joined(err)
	for i, part := range parts {
		if i == few-1 && len(parts) > few {
			fmt.Fprintf(w, "  and %d more errors\n", len(parts)-i)
			return
		}
		for line := range strings.Lines(part) {
			fmt.Fprintln(w, before+flyctl.Printable(line))
			before = "  "
		}
	}
}

// joined returns the texts of errors that were joined. What wraps them is in the first.
func joined(err error) []string {
	text := err.Error()
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		all, ok := inner.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var texts []string
		for _, e := range all.Unwrap() {
			texts = append(texts, e.Error())
		}
		if before, ok := strings.CutSuffix(text, strings.Join(texts, "\n")); ok && len(texts) > 0 {
			texts[0] = before + texts[0]
			return texts
		}
		break
	}
	return []string{text}
}

// toPrint returns the commands to run next that neither the error nor the report names.
func toPrint(report drain.Report, err error) []string {
	said := report.String()
	if err != nil {
		said += "\n" + err.Error()
	}
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
