package draintest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// world returns one with an app, and the ids of its machines.
func world(t *testing.T, shapes ...string) (*World, []string) {
	t.Helper()
	w := New(newYear)
	if err := w.AddApp("my-app", shapes...); err != nil {
		t.Fatal(err)
	}
	return w, slices.Clone(w.Apps["my-app"].Machines)
}

var us = by{Who: "machine something", Ours: true}

func pass(w *World, d time.Duration) { w.advance(w.Now.Add(d)) }

func TestAWorldSurvivesJSONInTheMiddleOfEverything(t *testing.T) {
	w, ids := world(t, "app=iad:2,lhr:1")
	w.Serve(Load{App: "my-app", Every: time.Second, Min: time.Second, Max: time.Minute, Until: newYear.Add(time.Hour)})
	w.At(newYear.Add(10*time.Minute), Action{Kind: "crash", Machine: ids[0]})
	pass(w, 5*time.Minute)
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	again, err := restore(data)
	if err != nil {
		t.Fatal(err)
	}
	pass(w, time.Hour)
	pass(again, time.Hour)
	one, _ := json.Marshal(w)
	two, _ := json.Marshal(again)
	if string(one) != string(two) {
		t.Errorf("%v\n%v", w.Account, again.Account)
	}
}
