package view

import (
	"fmt"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// markdown returns text that Markdown, a Markdown table and HTML show as it is.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range flyctl.Printable(s) {
		if strings.ContainsRune("\\`*_{}[]<>()#!|~$&@\"'", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code returns text in the type of a terminal.
func code(s string) string { return "<code>" + markdown(s) + "</code>" }

// quote returns text of several lines as a quotation. It wraps, and a block of code does not.
func quote(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString("> " + markdown(strings.TrimSpace(line)) + "\n>\n")
	}
	return strings.TrimSuffix(b.String(), ">\n") + "\n"
}
