package view

import (
	"slices"
	"time"
)

// point is how many connections were left at a time.
type point struct {
	at time.Time
	n  int
}

// maxPoints is how many points of a drain are kept. A chart can show fewer.
const maxPoints = 512

// thin drops every other point but the last.
func thin(ps []point) []point {
	last := ps[len(ps)-1]
	i := 0
	ps = slices.DeleteFunc(ps, func(point) bool { i++; return i%2 == 0 })
	if ps[len(ps)-1] != last {
		ps = append(ps, last)
	}
	return ps
}
