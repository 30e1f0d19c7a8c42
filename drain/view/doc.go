// Package view shows people what a release does, and makes a deploy script of one:
//
//	func main() { os.Exit(view.Deploy(drain.New("my-app"))) }
//
// [Deploy], [Run] and [Steps] are whole programs. They handle signals and panics, show
// what happens, and return the exit code. What they show is for programs of another
// kind, too. Each view is a listener for a release's Events:
//
//   - [Auto] shows a picture on a terminal, and log lines elsewhere.
//   - [Log] writes lines with github.com/charmbracelet/log, for CI.
//   - [JSON] writes lines for programs.
//   - [Summary] is a page of Markdown for GitHub.
//   - [Outcome] writes the last line, and returns the exit code.
//
// [All] sends events to several of them. Names, and what commands and machines print,
// are made harmless before they are shown: they cannot move a terminal's cursor, forge
// a line or break a table.
//
// The package is apart from drain so that a program without it does not bring the
// libraries that draw on terminals.
package view
