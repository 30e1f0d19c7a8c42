package view

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
)

func TestPhasesAreDrawnWithWhatTheyTookAndWhatFailed(t *testing.T) {
	phases := []*phase{
		{name: drain.PhaseCheck, begun: noon, took: 0, ended: true},
		{name: drain.PhaseGate, begun: noon, took: 90 * time.Second, ended: true, failed: "gate: `|:, not healthy"},
		{name: drain.PhaseDrain, begun: noon.Add(90 * time.Second)},
	}
	want := "```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n    section Phases\n" +
		"    check 0s :1795348800000, 1795348800001\n" +
		"    gate 1m30s :crit, 1795348800000, 1795348890000\n" +
		"    drain 10s :active, 1795348890000, 1795348900000\n```\n\n"
	if got := gantt(phases, noon.Add(100*time.Second)); got != want {
		t.Errorf("%s", got)
	}
	if got := gantt(nil, noon); got != "" {
		t.Errorf("of nothing: %s", got)
	}
}

func TestConnectionsAreDrawnOverTime(t *testing.T) {
	var left []point
	for i := range 10 {
		left = append(left, point{noon.Add(time.Duration(i) * 10 * time.Minute), 90 - 10*i})
	}
	got := chart(left)
	for _, want := range []string{
		`    x-axis ["0s", "10m", "20m", "30m", "40m", "50m", "1h", "1h10m", "1h20m", "1h30m"]`,
		`    y-axis "connections" 0 --> 90`,
		`    line [90, 80, 70, 60, 50, 40, 30, 20, 10, 0]`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in:\n%s", want, got)
		}
	}
	for _, none := range [][]point{nil, left[:1], {{noon, 0}, {noon.Add(time.Hour), 0}}} {
		if got := chart(none); got != "" {
			t.Errorf("of %v: %s", none, got)
		}
	}
}

func TestAChartHasFewPointsAndEndsWhereTheDrainDoes(t *testing.T) {
	for _, span := range []time.Duration{time.Second, 16 * time.Second, 59 * time.Second, 3*time.Minute + 37*time.Second, 5 * time.Hour, 70 * time.Hour, 400 * time.Hour, 9000 * time.Hour} {
		got := chart([]point{{noon, 7}, {noon.Add(span / 2), 3}, {noon.Add(span), 1}})
		_, line, _ := strings.Cut(got, "line [")
		line, _, _ = strings.Cut(line, "]")
		_, axis, _ := strings.Cut(got, "x-axis [")
		axis, _, _ = strings.Cut(axis, "]")
		points, names := strings.Split(line, ", "), strings.Split(axis, ", ")
		if len(points) != len(names) || len(points) > chartPoints+1 || points[0] != "7" || points[len(points)-1] != "1" {
			t.Errorf("%v: %s\n%s", span, line, axis)
		}
		seen := map[string]bool{}
		for _, name := range names {
			if seen[name] {
				t.Errorf("%v: two points are called %s", span, name)
			}
			seen[name] = true
		}
	}
}
