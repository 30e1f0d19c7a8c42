package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
)

// day is what it costs to watch machines that drain for a day.
type day struct {
	machines            int
	sockets, prometheus perHour // by probe
}

type perHour struct {
	commands float64 // flyctl processes
	calls    float64 // of Fly's API
	asked    float64 // requests to the metrics
}

// perDay is how many clients a machine has: three leave at some time of the day, the last one stays.
const perDay = 4

// days plays a day with each number of machines, or that part of it that has so many
// hours of machines, and one hour at least: of many machines, the hours look alike.
func days(t *testing.T, sizes []int, machineHours int, progress io.Writer) (all []day) {
	for _, n := range sizes {
		hours := min(24, max(1, machineHours/n))
		d, begun := day{machines: n}, time.Now()
		synctest.Test(t, func(t *testing.T) {
			d.sockets = drainForHours(t, n, hours, false)
			d.prometheus = drainForHours(t, n, hours, true)
		})
		fmt.Fprintf(progress, "%d machines that drain for a day: %.1f s\n", n, time.Since(begun).Seconds())
		all = append(all, d)
	}
	return all
}

func drainForHours(t *testing.T, n, hours int, prometheus bool) perHour {
	fly := draintest.NewFly(nil)
	fly.Do(func(w *draintest.World) {
		w.LogSize = 100
		if err := w.AddApp(app, fmt.Sprintf("app=iad:%d", n)); err != nil {
			t.Fatal(err)
		}
		for client := range perDay {
			for i := range n {
				lives := 24 * time.Hour * time.Duration(client*n+i+1) / time.Duration((perDay-1)*n)
				w.Connect(app, "app", "iad", 1, lives)
			}
		}
		for _, m := range w.Live(app) {
			m.Cordoned, m.Hidden = true, true
		}
		green := w.AddMachine(app, "app", "iad", newImage)
		w.Remark(w.Now.UTC().Format("20060102T150405Z")+"-ab12/1/1", green.ID)
	})
	r := drain.New(app)
	r.Flyctl = make(cores, coresThere).costing(fly.Runner())
	metrics := &draintest.Metrics{Fly: fly}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(hours)*time.Hour)
	defer cancel()
	if prometheus {
		r.Probe = probe.Prometheus{URL: "https://metrics.test", Client: &http.Client{Transport: metrics}}
		go metrics.Run(ctx)
	}
	report, _ := r.Drain(ctx)
	if report.Result != drain.ResultDraining {
		t.Fatalf("%d machines: %v", n, report)
	}
	var commands, calls int
	fly.Do(func(w *draintest.World) { commands, calls = counted(w) })
	each := func(n int) float64 { return float64(n) / float64(hours) }
	return perHour{each(commands), each(calls), each(metrics.Asked)}
}

const aboutDays = `
## What a drain of a day costs

In an hour, for machines that drain for a day. Each has four clients: three leave at some time of the day, the last one
stays. The default probe asks each machine by ` + "`machine exec`" + `; with ` + "`-probe prometheus`" + ` one request asks about all.

| machines | flyctl calls | API calls | with prometheus: flyctl calls | API calls | requests to the metrics |
|--:|--:|--:|--:|--:|--:|
`

func dayTable(days []day) string {
	text := aboutDays
	for _, d := range days {
		text += fmt.Sprintf("| %d |", d.machines)
		for _, v := range []float64{d.sockets.commands, d.sockets.calls, d.prometheus.commands, d.prometheus.calls, d.prometheus.asked} {
			text += fmt.Sprintf(" %.0f |", v)
		}
		text += "\n"
	}
	return text
}
