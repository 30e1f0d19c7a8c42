// Package view shows people what a release does. Each view reads the one stream
// of events that drain sends: set an App's Events to what a view gives.
//
// It stands apart from drain so that a program without it does not carry the
// libraries that draw on terminals.
package view
