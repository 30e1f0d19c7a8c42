// Package view shows people what a release does. Each view reads the one stream
// of events that drain sends: set a Release's Events to what a view gives.
//
//   - [Auto] shows a run in the way that fits where the program runs. Start there.
//   - [Live] is a picture on a terminal: phases, and a bar for each machine that drains.
//   - [Log] writes lines with github.com/charmbracelet/log, for CI.
//   - [JSON] writes lines for programs.
//   - [Summary] makes a page of Markdown, as GitHub shows it.
//   - [Outcome] is the last line, and the exit code.
//
// [All] sends events to several of them. What the views show of names, and of what
// commands and machines print, is made harmless first: it cannot move a terminal's
// cursor, forge a line or break a table.
//
// It stands apart from drain so that a program without it does not carry the
// libraries that draw on terminals.
package view
