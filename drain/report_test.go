package drain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestTheLastLineSaysWhatIsLeftOrThatItIsUnknown(t *testing.T) {
	a, left := drain.AppReport{App: "a", Known: true}, drain.AppReport{App: "b", Known: true, Draining: []string{"one", "two"}}
	dark, many := drain.AppReport{App: "c"}, drain.AppReport{App: "d", Known: true, Draining: strings.Fields("1 2 3 4 5 6 7")}
	for _, c := range []struct {
		result drain.Result
		apps   []drain.AppReport
		want   string
	}{
		{drain.ResultFailed, nil, "failed: nothing was begun"},
		{drain.ResultDone, []drain.AppReport{a}, "done: a"},
		{drain.ResultDone, []drain.AppReport{a, left}, "done: a, b: the new release serves; as asked, old machines still drain: one two"},
		{drain.ResultDone, []drain.AppReport{dark}, "done: c: the new release serves; as asked, the old machines of c could not be listed"},
		{drain.ResultDraining, []drain.AppReport{left}, "draining: b: the new release serves; old machines still drain: one two"},
		{drain.ResultDraining, []drain.AppReport{many}, "draining: d: the new release serves; old machines still drain: 1 2 3 4 5 and 2 more"},
		{drain.ResultDraining, []drain.AppReport{dark}, "draining: c: the new release serves; the old machines of c could not be listed"},
		{drain.ResultDraining, []drain.AppReport{left, dark}, "draining: b, c: the new release serves; old machines still drain: one two; the old machines of c could not be listed"},
		{drain.ResultDraining, []drain.AppReport{a}, "draining: a: the new release serves; no old machine is left"},
		{drain.ResultLeft, []drain.AppReport{left}, "failed: b: the old release serves; machines of the new one are left, cordoned: one two"},
		{drain.ResultLeft, []drain.AppReport{dark}, "failed: c: the old release serves; it is not known what is left of the new one"},
	} {
		if got := (drain.Report{Result: c.result, Apps: c.apps}).String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for _, c := range []struct {
		result   drain.Result
		commands int
		want     string
	}{
		{drain.ResultPerson, 1, "a person is needed: a; next: a"},
		{drain.ResultPerson, 2, "a person is needed: a; next: choose among the 2 listed commands"},
		{drain.ResultDraining, 2, "draining: a: the new release serves; no old machine is left; next: a; then: b"},
		{drain.ResultDraining, 3, "draining: a: the new release serves; no old machine is left; next: run the 3 listed commands"},
	} {
		r := drain.Report{Result: c.result, Apps: []drain.AppReport{a}, Next: []string{"a", "b", "c"}[:c.commands]}
		if got := r.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestReportsAndEventsKeepTheirNamesInJSON(t *testing.T) {
	at := time.Date(2026, 7, 26, 12, 0, 0, 0, time.UTC)
	reading := probe.Known(3)
	for _, c := range []struct {
		value any
		want  string
	}{
		{drain.Report{Release: "r", Result: drain.ResultDraining, Why: "why", Next: []string{"next"}, Apps: []drain.AppReport{{
			App: "a", Image: "i", Blue: []string{"b"}, Green: []string{"g"}, Serving: []string{"s"}, Draining: []string{"d"},
			Destroyed: []string{"x"}, Cut: 2, CutUnknown: []string{"u"}, Known: true}}},
			`{"release":"r","result":"draining","why":"why","next":["next"],"apps":[{"app":"a","image":"i","blue":["b"],"green":["g"],"serving":["s"],"draining":["d"],"destroyed":["x"],"cut":2,"cut_unknown":["u"],"known":true}]}`},
		{drain.Event{Time: at, Kind: drain.EventDeadline, App: "a", Machine: "m", Group: "g", Region: "r", Reading: &reading, Limit: 20, Until: at, Took: 1500 * time.Millisecond, Why: "why"},
			`{"time":"2026-07-26T12:00:00Z","kind":"deadline","app":"a","machine":"m","group":"g","region":"r","reading":{"connections":3},"limit":20,"until":"2026-07-26T12:00:00Z","why":"why","took":1.5}`},
		{drain.Event{Time: at, Kind: drain.EventOutcome, Result: drain.ResultDone, Phase: drain.PhaseDrain},
			`{"time":"2026-07-26T12:00:00Z","kind":"outcome","phase":"drain","result":"done"}`},
	} {
		got, err := json.Marshal(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("got  %s\nwant %s (%v)", got, c.want, err)
		}
	}
}

// TestAReportOfNothingHasEmptyListsAndNoNull has [] and not null in JSON.
func TestAReportOfNothingHasEmptyListsAndNoNull(t *testing.T) {
	simulate(t, func(s *sim) {
		done := s.deploy(drain.ResultDone, s.app("my-app", "app=iad:1", "worker=iad:1"))
		wrong := drain.New("my-app")
		wrong.Settle = -1
		denied := drain.New("nope")
		denied.Flyctl = s.fly.Runner()
		for _, report := range []drain.Report{done, s.ended(drain.ResultUsage, wrong.Deploy, s.Context()), s.ended(drain.ResultFailed, denied.Drain, s.Context())} {
			text, err := json.Marshal(report)
			if err != nil || strings.Contains(string(text), "null") || !strings.Contains(string(text), `"apps":[`) {
				t.Errorf("%s: %v", text, err)
			}
		}
		if text, _ := json.Marshal(done); !strings.Contains(string(text), `"draining":[]`) {
			t.Errorf("%s", text)
		}
	})
}
