package main

import (
	"io"
	"testing"
)

// Polls follow what changes, and become fewer, the more machines each asks about.
func TestADrainOfADayCostsFewCallsHoweverManyMachinesThereAre(t *testing.T) {
	all := days(t, []int{5, 20}, 20, io.Discard)
	few, many := all[0], all[1]
	if polls := few.prometheus.asked; polls < 60 || polls > 90 || many.prometheus.asked > 90 || many.prometheus.commands > 180 {
		t.Errorf("by metrics: %+v, %+v", few.prometheus, many.prometheus)
	}
	if a, b := few.sockets.commands/5, many.sockets.commands/20; a < 60 || a > 90 || b > a {
		t.Errorf("by sockets: %+v, %+v", few.sockets, many.sockets)
	}
}
