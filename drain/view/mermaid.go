package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gantt returns a timeline of the phases. All text in it is ours.
func gantt(phases []*phase, end time.Time) string {
	if len(phases) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n    section Phases\n")
	for _, p := range phases {
		tag, took := "", p.took
		switch {
		case p.failed != "":
			tag = "crit, "
		case !p.ended:
			tag, took = "active, ", max(0, end.Sub(p.begun))
		}
		from := p.begun.UnixMilli()
		fmt.Fprintf(&b, "    %s %s :%s%d, %d\n", p.name, short(took), tag, from, max(from+1, p.begun.Add(took).UnixMilli()))
	}
	b.WriteString("```\n\n")
	return b.String()
}

// chartSteps are the times between two points of the chart. A chart has at most
// chartPoints, so that there is room for the name below each.
var chartSteps = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

const chartPoints = 16

// chartHead sets a colour that can be seen on white and on black: Mermaid's own cannot.
const chartHead = "```mermaid\n%%{init: {\"xyChart\": {\"height\": 320, \"xAxis\": {\"labelFontSize\": 11}}, \"themeVariables\": {\"xyChart\": {\"plotColorPalette\": \"#3b82f6\"}}}}%%\n"

// chart returns a chart of the connections that were left over time, if there were any.
func chart(left []point) string {
	most := 0
	for _, p := range left {
		most = max(most, p.n)
	}
	if len(left) < 2 || most == 0 {
		return ""
	}
	begun, span := left[0].at, left[len(left)-1].at.Sub(left[0].at)
	step := span / (chartPoints - 1)
	if i := slices.IndexFunc(chartSteps, func(d time.Duration) bool { return d >= step }); i >= 0 {
		step = chartSteps[i]
	}
	// The points have names, not numbers: with numbers, Mermaid before v11.5 drew the
	// line at wrong places.
	var names, values []string
	for at := time.Duration(0); ; at += step {
		names = append(names, strconv.Quote(short(at)))
		values = append(values, strconv.Itoa(leftAt(left, begun.Add(at))))
		if at >= span {
			break
		}
	}
	return chartHead + fmt.Sprintf("xychart-beta\n    title \"Connections left on the machines that drain\"\n"+
		"    x-axis [%s]\n    y-axis \"connections\" 0 --> %d\n    line [%s]\n```\n\n",
		strings.Join(names, ", "), most, strings.Join(values, ", "))
}

// leftAt returns how many were left at a time.
func leftAt(left []point, at time.Time) int {
	i, exact := slices.BinarySearchFunc(left, at, func(p point, at time.Time) int { return p.at.Compare(at) })
	if !exact {
		i--
	}
	for i+1 < len(left) && left[i+1].at.Equal(at) {
		i++
	}
	return left[max(0, i)].n
}
