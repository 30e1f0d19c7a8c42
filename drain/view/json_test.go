package view_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

func TestJSONNamesAreStable(t *testing.T) {
	at := time.Date(2026, 11, 22, 21, 15, 0, 5e6, time.FixedZone("CET", 3600))
	known, unknown := probe.Known(12), probe.Unknown("no answer")
	var b bytes.Buffer
	show := view.JSON(&b)
	for _, e := range []drain.Event{
		{Time: at, Kind: drain.PhaseEnded, Phase: drain.PhaseGate, Took: 1500 * time.Millisecond, Text: "gate: not healthy"},
		{Time: at, Kind: drain.Connections, App: "chat", Machine: "1781", Group: "app", Region: "iad", Reading: &known, Limit: 3, Until: at.Add(time.Hour)},
		{Time: at, Kind: drain.Connections, App: "chat", Machine: "1781", Reading: &unknown},
		{Time: at, Kind: drain.Outcome, Result: drain.Done, Text: "done: chat"},
	} {
		show(e)
	}
	want := `{"time":"2026-11-22T20:15:00.005Z","kind":"phase-ended","phase":"gate","took_ns":1500000000,"text":"gate: not healthy"}
{"time":"2026-11-22T20:15:00.005Z","kind":"connections","app":"chat","machine":"1781","group":"app","region":"iad","reading":{"connections":12},"limit":3,"until":"2026-11-22T21:15:00.005Z"}
{"time":"2026-11-22T20:15:00.005Z","kind":"connections","app":"chat","machine":"1781","reading":{"unknown":"no answer"}}
{"time":"2026-11-22T20:15:00.005Z","kind":"outcome","result":"done","text":"done: chat"}
`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
}

// A field that is added to Event must be described, and then added here.
func TestJSONDescribesAllFields(t *testing.T) {
	described := []string{"time", "kind", "app", "phase", "machine", "group", "region", "reading", "limit", "until", "result", "took_ns", "text"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[drain.Event]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !slices.Contains(described, name) {
			t.Errorf("%s (%q) is not in the description of view.JSON", f.Name, name)
		}
	}
}

func TestJSONOfAWholeRelease(t *testing.T) {
	var b bytes.Buffer
	if _, err := small(view.JSON(&b)).deploy(t); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	outcomes := 0
	for line := range strings.Lines(b.String()) {
		var e struct {
			Time   time.Time
			Kind   string
			Result string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Time.IsZero() || e.Kind == "" {
			t.Fatalf("%s: %v", line, err)
		}
		kinds = append(kinds, e.Kind)
		if e.Kind == "outcome" {
			outcomes++
			if e.Result != "done" {
				t.Errorf("%s", line)
			}
		}
	}
	if outcomes != 1 || kinds[len(kinds)-1] != "outcome" {
		t.Errorf("%d outcomes, the last line is of %s", outcomes, kinds[len(kinds)-1])
	}
	for _, kind := range []string{"phase-begun", "phase-ended", "found", "created", "held", "healthy", "opened", "cordoned", "connections", "waiting", "idle", "stopped", "destroyed"} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no %s", kind)
		}
	}
}

func TestNothingHostileIsLeftRawInJSON(t *testing.T) {
	var b bytes.Buffer
	show := view.JSON(&b)
	for _, e := range odd() {
		show(e)
	}
	harmless(t, b.String())
	if n := strings.Count(b.String(), "\n"); n != len(odd()) {
		t.Errorf("%d lines for %d events", n, len(odd()))
	}
	for line := range strings.Lines(b.String()) {
		var e struct{ App string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || !strings.Contains(e.App, "\u009b31m first\nINFO") {
			t.Errorf("%v: %q", err, e.App)
		}
	}
}
