package view

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestADrainOfDaysKeepsFewPoints(t *testing.T) {
	s := draining("chat", 1)
	for i := range 100_000 {
		r := probe.Known(100_000 - i)
		s.apply(drain.Event{Time: noon.Add(time.Duration(i) * time.Second), Kind: drain.EventConnections, App: "chat", Machine: s.machines[0].id, Reading: &r})
		s.apply(drain.Event{Time: noon.Add(time.Duration(i) * time.Second), Kind: drain.EventWaiting, App: "chat"})
	}
	if len(s.left) > maxPoints || len(s.machines[0].counts) > 64 {
		t.Errorf("%d points, %d counts", len(s.left), len(s.machines[0].counts))
	}
	if last := s.left[len(s.left)-1].n; last != 1 {
		t.Errorf("the last point is %d", last)
	}
}
