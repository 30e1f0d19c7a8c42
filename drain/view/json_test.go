package view_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
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
		{Time: at, Kind: drain.EventPhaseEnded, Phase: drain.PhaseGate, Took: 1500 * time.Millisecond, Why: "gate: not healthy"},
		{Time: at, Kind: drain.EventConnections, App: "chat", Machine: "1781", Group: "app", Region: "iad", Reading: &known, Limit: 3, Until: at.Add(time.Hour)},
		{Time: at, Kind: drain.EventConnections, App: "chat", Machine: "1781", Reading: &unknown},
		{Time: at, Kind: drain.EventOutput, App: "chat", Output: "#7 [2/3] RUN make"},
		{Time: at, Kind: drain.EventOutcome, Result: drain.ResultDone, Why: "done: chat"},
	} {
		show(e)
	}
	want := `{"time":"2026-11-22T20:15:00.005Z","kind":"phase-ended","phase":"gate","why":"gate: not healthy","took":1.5}
{"time":"2026-11-22T20:15:00.005Z","kind":"connections","app":"chat","machine":"1781","group":"app","region":"iad","reading":{"connections":12},"limit":3,"until":"2026-11-22T21:15:00.005Z"}
{"time":"2026-11-22T20:15:00.005Z","kind":"connections","app":"chat","machine":"1781","reading":{"unknown":"no answer"}}
{"time":"2026-11-22T20:15:00.005Z","kind":"output","app":"chat","output":"#7 [2/3] RUN make"}
{"time":"2026-11-22T20:15:00.005Z","kind":"outcome","result":"done","why":"done: chat"}
`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
}

// A field that is added to Event must be set here, and described.
func TestJSONDescribesAllFields(t *testing.T) {
	reading := probe.Known(1)
	full := drain.Event{Time: time.Unix(1, 0), Kind: drain.EventIdle, Phase: drain.PhaseDrain, App: "a", Machine: "m", Group: "g", Region: "r",
		Reading: &reading, Limit: 1, Until: time.Unix(2, 0), Result: drain.ResultDone, Took: time.Second, Output: "o", Why: "w"}
	for i, v := 0, reflect.ValueOf(full); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("%s is not set", v.Type().Field(i).Name)
		}
	}
	var b bytes.Buffer
	view.JSON(&b)(full)
	fields := map[string]any{}
	if err := json.Unmarshal(b.Bytes(), &fields); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("json.go")
	if err != nil {
		t.Fatal(err)
	}
	described := regexp.MustCompile(`(?m)^//\t(\w+) `).FindAllStringSubmatch(string(source), -1)
	for _, m := range described {
		if _, there := fields[m[1]]; !there {
			t.Errorf("%s is described, and is not a field", m[1])
		}
		delete(fields, m[1])
	}
	for name := range fields {
		t.Errorf("%s is not in the description of view.JSON", name)
	}
}

func TestTheJSONOfAWholeReleaseHasEachKindAndOneOutcome(t *testing.T) {
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
	for _, kind := range []string{"phase-begun", "phase-ended", "found", "created", "held", "healthy", "uncordoned", "cordoned", "connections", "waiting", "idle", "stopped", "destroyed"} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no %s", kind)
		}
	}
}
