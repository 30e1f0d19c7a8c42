package main

import (
	"testing"
	"time"
)

func TestWhatOursMissesIsTold(t *testing.T) {
	const tenth = 100 * time.Millisecond
	theirs := result{least: 1, cutover: 16 * time.Second, both: 20 * time.Second}
	for _, c := range []struct {
		what     string
		machines int
		spoil    func(r *result)
		told     int
	}{
		{"nothing", 20, func(*result) {}, 0},
		{"cut", 20, func(r *result) { r.cut = 1 }, 1},
		{"refused", 20, func(r *result) { r.refused = 1 }, 1},
		{"weaker", 20, func(r *result) { r.least = 0.8 }, 1},
		{"never", 20, func(r *result) { r.cutover = 0 }, 1},
		{"a second slower", 19, func(r *result) { r.cutover += time.Second }, 0},
		{"more than a second slower", 19, func(r *result) { r.cutover += time.Second + tenth }, 1},
		{"slower", 20, func(r *result) { r.cutover += tenth }, 1},
		{"both as long as they may", 20, func(r *result) { r.both = 11 * time.Second }, 0},
		{"both too long", 20, func(r *result) { r.both = 11*time.Second + tenth }, 1},
		{"both as long as they may", 60, func(r *result) { r.both = 12 * time.Second }, 0},
		{"both too long", 60, func(r *result) { r.both = 12*time.Second + tenth }, 1},
		{"both as long as they may", 100, func(r *result) { r.both = 14 * time.Second }, 0},
		{"both too long", 100, func(r *result) { r.both = 14*time.Second + tenth }, 1},
		{"both as long as they may", 500, func(r *result) { r.both = 20 * time.Second }, 0},
		{"both too long", 500, func(r *result) { r.both = 20*time.Second + tenth }, 1},
	} {
		ours := result{least: 1, cutover: 16 * time.Second, both: 10 * time.Second}
		c.spoil(&ours)
		rows := []row{{way: way{name: bluegreenName}, result: theirs}, {way: way{name: oursName}, machines: c.machines, result: ours}}
		if all := missed(rows); len(all) != c.told {
			t.Errorf("%s, %d machines: told %q", c.what, c.machines, all)
		}
	}
}
