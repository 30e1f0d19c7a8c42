package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// column is something that is measured. Its value is NaN where there is none.
type column struct {
	name, unit, means string
	value             func(row) float64
}

var columns = []column{
	{"connections cut", "", "ended by the release, not by their clients",
		func(r row) float64 { return float64(r.cut) }},
	{"least capacity", "%", "machines that took traffic in the worst moment, of those that did at the start",
		func(r row) float64 { return 100 * r.least }},
	{"both serve", "s", "how long old and new machines did so side by side",
		func(r row) float64 { return r.both.Seconds() }},
	{"time to cutover", "s", "from the start until no old machine took traffic",
		func(r row) float64 { return r.cutover.Seconds() }},
	{"of the limit", "", "the time to cutover, as many times what no way could beat",
		func(r row) float64 { return float64(r.cutover) / float64(limit(r.machines, r.unlimited).cutover) }},
	{"idle until gone", "s", "how long an old machine was still there without connections, in the middle; bluegreen stops most before",
		func(r row) float64 { return r.waited(0.5) }},
	{"worst", "s", "the longest such time",
		func(r row) float64 { return r.waited(1) }},
	{"flyctl calls", "", "runs of flyctl",
		func(r row) float64 { return some(r.commands) }},
	{"at once", "", "the most of these side by side",
		func(r row) float64 { return some(r.most) }},
	{"API calls", "", "requests that these made to Fly",
		func(r row) float64 { return some(r.calls) }},
}

// cell is the column's part of a row.
func (c column) cell(r row) string {
	v := c.value(r)
	switch {
	case math.IsNaN(v):
		return "–"
	case c.unit == "%":
		return number(v) + " %"
	case c.unit == "s":
		return seconds(v)
	}
	return number(v)
}

const intro = `# What a release costs

Each way to release an app, on the simulated Fly, side by side. Made by:

    go run ./scripts/bench -o scripts/bench/report.md

`

const remarks = `
The app has machines in three regions, and for each of them one client that stays half a minute at most, and three that
stay 5 to 20 minutes; new ones come all the while. A machine that is told to stop waits for its connections, up to its
kill_timeout (5 s, Fly's default). A machine boots in 2 s and passes its checks 1 s later; a call to Fly's API takes 50 ms.
Flyctl runs on two cores, and each start of it takes 0.07 to 0.1 s of them, as a test holds to what a real one took.
Fly keeps to the rate limits that it documents, among them one machine made a second, after a burst of three.

- *The thread's commands* are [a shell script](testdata/thread.sh). Their last step replaces each old machine, which ends
  its connections, and leaves it to Fly's proxy to stop it: here one a region every 5 minutes. Whether the proxy looks at
  cordoned machines at all is not known.
- *Bluegreen* is a model of flyctl 0.4.87's strategy, held by a test to what a real one took; with 300 s, the longest
  kill_timeout that Fly allows. It makes machines side by side, and tries three times for each: from 6 machines on, the
  rate limit leaves too few of these, and it fails. The rows with ¹ have ` + "`--max-concurrent 1`" + `, with which it gets
  through. Whether Fly is as strict as it says is not known: so there is a row without rate limits, too.
- *drain.Release* keeps to the limits, whether Fly does or not. Most of its calls are its looks at what still drains. An
  app without checks, which bluegreen refuses, takes it up to 10 s longer.
- *What no way could beat* waits for what is safe, and for nothing else: Fly's limit for machines made, boot, health, two
  lists, two rounds of calls, and 10 s until all proxies know. A way that is faster waits for less.
`

// report is the tables, what they mean, and a chart for each column.
func report(rows []row, days []day) string {
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString(table(rows))
	b.WriteString("\n")
	for _, c := range columns {
		fmt.Fprintf(&b, "- *%s*: %s.\n", c.name, c.means)
	}
	b.WriteString(remarks)
	b.WriteString(dayTable(days))
	b.WriteString("\n## How each grows\n\n")
	for _, w := range ways {
		fmt.Fprintf(&b, "%s %s\\\n", w.mark, w.name)
	}
	b.WriteString("Where lines are the same, the last of these is seen.\n")
	for _, c := range columns {
		b.WriteString("\n" + chart(rows, c))
	}
	return b.String()
}

func table(rows []row) string {
	head, line := "| machines | |", "|--:|---|"
	for _, c := range columns {
		head += " " + c.name + " |"
		line += "--:|"
	}
	text := head + "\n" + line + "\n"
	for _, r := range rows {
		text += fmt.Sprintf("| %d | %s%s |", r.machines, r.name, r.note)
		for _, c := range columns {
			text += " " + c.cell(r) + " |"
		}
		text += "\n"
	}
	return text
}

// chart draws how a column grows with the number of machines, with a line for
// each way that has a number for all of them. The sizes are names, not numbers:
// from these, Mermaid before v11.5 drew lines at wrong places.
func chart(rows []row, c column) string {
	title, top := c.name, 1.0
	if c.unit != "" {
		title += ", " + c.unit
	}
	var sizes, colours []string
	var lines strings.Builder
	for _, w := range ways {
		var values []string
		sizes = nil
		for _, r := range rows {
			if r.name != w.name {
				continue
			}
			v := c.value(r)
			if v > top {
				top = v
			}
			sizes = append(sizes, fmt.Sprintf(`"%d"`, r.machines))
			values = append(values, number(v))
		}
		if !slices.Contains(values, "NaN") {
			colours = append(colours, w.colour)
			fmt.Fprintf(&lines, "    line [%s]\n", strings.Join(values, ", "))
		}
	}
	return fmt.Sprintf("```mermaid\n%%%%{init: {\"xyChart\": {\"height\": 300}, \"themeVariables\": {\"xyChart\": {\"plotColorPalette\": %q}}}}%%%%\n"+
		"xychart-beta\n    title %q\n    x-axis \"machines\" [%s]\n    y-axis 0 --> %s\n%s```\n",
		strings.Join(colours, ", "), title, strings.Join(sizes, ", "), number(top), &lines)
}

// waited is the time in seconds that idle machines were still there: 0.5 gives
// the middle one, 1 the longest.
func (r result) waited(part float64) float64 {
	if len(r.idle) == 0 {
		return math.NaN()
	}
	waits := slices.Sorted(slices.Values(r.idle))
	return waits[min(int(part*float64(len(waits))), len(waits)-1)].Seconds()
}

// some is a number, or none.
func some(n int) float64 {
	if n == 0 {
		return math.NaN()
	}
	return float64(n)
}

// number has one digit after the point where it needs one, and never an exponent,
// which Mermaid does not read.
func number(v float64) string { return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64) }

func seconds(v float64) string {
	switch d := time.Duration(v * float64(time.Second)); {
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.3g h", d.Hours())
	case d >= 20*time.Minute:
		return fmt.Sprintf("%.3g min", d.Minutes())
	}
	return fmt.Sprintf("%.3g s", v)
}

// missed says where ours is not as good as it must be: nothing cut or refused, no
// capacity lost, and its times within its limits.
func missed(rows []row) (all []error) {
	var theirs row
	for _, r := range rows {
		switch r.name {
		case bluegreenName:
			theirs = r
		case oursName:
			all = append(all, r.missed(theirs.result)...)
		}
	}
	return all
}

func (r row) missed(theirs result) (all []error) {
	limits := r.limits(theirs)
	for _, c := range []struct {
		is  bool
		why string
	}{
		{r.cut > 0 || r.refused > 0, fmt.Sprintf("%d connections cut, %d refused", r.cut, r.refused)},
		{r.least < 1, fmt.Sprintf("%.3g %% of the capacity", 100*r.least)},
		{r.cutover == 0 || r.cutover > limits.cutover, fmt.Sprintf("%v to the cutover, and %v would do", r.cutover, limits.cutover)},
		{r.both > limits.both, fmt.Sprintf("%v in which both serve, and %v would do", r.both, limits.both)},
	} {
		if c.is {
			all = append(all, fmt.Errorf("%d machines: %s", r.machines, c.why))
		}
	}
	return all
}

// limits are those of ours. Its cutover comes when bluegreen's does, or with few machines a
// second later, as it starts a process for each command. Both serve for the propagation time,
// and some more by the number of machines. With very many it is bluegreen's time.
func (r row) limits(theirs result) result {
	if r.machines < 20 {
		theirs.cutover += time.Second
	}
	for _, of := range []struct{ machines, seconds int }{{100, 4}, {60, 2}, {20, 1}} {
		if r.machines <= of.machines {
			theirs.both = propagation + time.Duration(of.seconds)*time.Second
		}
	}
	return theirs
}
