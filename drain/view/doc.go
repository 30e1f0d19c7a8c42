// Package view shows people what a release does, and makes a deploy script of one:
//
//	func main() { os.Exit(view.Deploy(drain.New("my-app"))) }
//
// [Deploy], [Run] and [Steps] are whole programs: they handle signals and panics, show
// what happens, and return the exit code. The views are also there by themselves, as
// listeners for a release's Events:
//
//   - [Auto] shows a picture on a terminal, and log lines elsewhere.
//   - [Log] writes lines with github.com/charmbracelet/log, for CI.
//   - [JSON] writes lines for programs.
//   - [Summary] is a page of Markdown for GitHub.
//   - [Outcome] writes the last line, and returns the exit code.
//
// [All] sends events to several of them. Events, reports and errors are safe to show as
// package drain sends them; what the views write besides goes through [flyctl.Printer].
//
// A program that imports only drain does not bring the libraries that draw on terminals.
package view
