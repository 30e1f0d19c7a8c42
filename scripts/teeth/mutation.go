package main

import "cmp"

// mutation is a way to be wrong, and the tests that should notice.
type mutation struct {
	name  string
	rule  string // of the design: what it breaks, S1 to S10, where it is one
	edits []edit
	in    string // the package whose tests these are; "" is drain
	tests []string
}

// edit is a replacement of text in a file. The old text is there exactly once.
type edit struct{ file, old, new string }

func (m mutation) pkg() string { return cmp.Or(m.in, "drain") }
