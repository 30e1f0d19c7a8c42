package view

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
)

// Summary is a page of Markdown about a run, for GitHub: how it ended, a timeline of
// its phases and a chart of the connections that were left (both Mermaid), and a table
// of the machines. Its zero value is ready to use: set a release's Events to
// [Summary.Event], and call [Summary.Write] when the run has ended. [Auto] does both.
type Summary struct{ state state }

// Event adds an event. It is not safe for concurrent use: a release sends one event at
// a time.
func (s *Summary) Event(e drain.Event) { s.state.apply(e) }

// Write writes the page. The report and the error, nil where there is none, say how
// the run ended.
func (s *Summary) Write(w io.Writer, report drain.Report, failure error) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s flydrain: %s\n\n%s\n\n", cmp.Or(signs[report.Result], "❌"), report.Result, markdown(report.String()))
	if failure != nil {
		b.WriteString(quote(briefly(failure)))
	}
	s.facts(&b, report, failure)
	b.WriteString(gantt(s.state.phases, s.state.outcome.Time))
	b.WriteString(chart(s.state.left))
	s.table(&b, report)
	s.warned(&b)
	_, err := w.Write(b.Bytes())
	return err
}

// signs are those of some results; the others have ❌.
var signs = map[drain.Result]string{drain.ResultDone: "✅", drain.ResultDraining: "⏳", drain.ResultFailed: "↩️"}

// facts lists what a person asks next.
func (s *Summary) facts(b *bytes.Buffer, report drain.Report, failure error) {
	var facts []string
	for _, command := range toPrint(report, failure) {
		facts = append(facts, "next: "+code(command))
	}
	if report.Release != "" {
		facts = append(facts, "release "+code(report.Release))
	}
	if s.state.both > 0 {
		facts = append(facts, "blue and green both served for "+short(s.state.both))
	}
	cut, uncounted := 0, 0
	for _, a := range report.Apps {
		cut += a.Cut
		uncounted += len(a.CutUnknown)
		if a.Image != "" {
			facts = append(facts, "image of "+markdown(a.App)+": "+code(a.Image))
		}
	}
	if cut > 0 {
		facts = append(facts, "**"+count(cut, "connection")+" cut at the deadline**")
	}
	if uncounted > 0 {
		facts = append(facts, "**"+count(uncounted, "machine")+" stopped at the deadline with an unknown number of connections**")
	}
	for _, f := range facts {
		fmt.Fprintf(b, "- %s\n", f)
	}
	b.WriteString("\n")
}

// table is a row for each machine; folded away where there are many.
func (s *Summary) table(b *bytes.Buffer, report drain.Report) {
	rows := s.rows(report)
	if len(rows) == 0 {
		return
	}
	const unfolded = 30
	if len(rows) > unfolded {
		fmt.Fprintf(b, "<details><summary>%d machines</summary>\n\n", len(rows))
	}
	b.WriteString("| app | machine | group | region | release | connections at cordon | now |\n|---|---|---|---|---|--:|---|\n")
	for _, r := range rows {
		had := ""
		if r.counted {
			had = fmt.Sprint(r.first)
		} else if r.read {
			had = "unknown"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", markdown(r.app), code(r.id), markdown(r.group), markdown(r.region), r.role, had, present(r))
	}
	b.WriteString("\n")
	if len(rows) > unfolded {
		b.WriteString("</details>\n\n")
	}
}

// rows returns all machines in the order of the table, each with its role.
func (s *Summary) rows(report drain.Report) []*machine {
	for _, m := range s.state.machines {
		m.role = "earlier"
		if m.created {
			m.role = "green"
		}
	}
	for _, a := range report.Apps {
		for _, id := range a.Green {
			s.state.machine(drain.Event{App: a.App, Machine: id}).role = "green"
		}
		for _, id := range a.Blue {
			s.state.machine(drain.Event{App: a.App, Machine: id}).role = "blue"
		}
	}
	return slices.SortedFunc(slices.Values(s.state.machines), func(a, b *machine) int {
		return cmp.Or(cmp.Compare(a.app, b.app), cmp.Compare(a.role, b.role), cmp.Compare(a.group, b.group), cmp.Compare(a.region, b.region), cmp.Compare(a.id, b.id))
	})
}

// present says where a machine is now.
func present(m *machine) string {
	if at, gone := m.went(); gone {
		text := string(m.last) + " " + at.UTC().Format(time.TimeOnly) + " UTC"
		if !m.out.IsZero() {
			text += ", after " + short(at.Sub(m.out))
		}
		return text
	}
	switch {
	case m.last == drain.EventKept && m.read:
		return "still there: " + markdown(m.reading.String())
	case m.last == drain.EventKept:
		return "still there: " + markdown(m.why)
	case m.leaving() && m.read:
		return "still drains: " + markdown(m.reading.String())
	case m.leaving():
		return "cordoned"
	case m.last == drain.EventUncordoned, m.last == drain.EventFound:
		return "uncordoned"
	case m.last == drain.EventCreated:
		return "created"
	case m.last == "":
		return ""
	}
	return "held"
}

// warned writes the warnings.
func (s *Summary) warned(b *bytes.Buffer) {
	retries := 0
	var lines []string
	for _, e := range s.state.warnings {
		if e.Kind == drain.EventRetry {
			retries++
			continue
		}
		app := ""
		if e.App != "" {
			app = markdown(e.App) + ": "
		}
		lines = append(lines, "- "+app+markdown(message(e)))
	}
	if retries > 0 {
		lines = append(lines, "- flyctl commands that were retried: "+fmt.Sprint(retries))
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "<details><summary>Warnings</summary>\n\n%s\n\n</details>\n", strings.Join(lines, "\n"))
	}
}
