package view_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

// On a terminal there is a picture, in CI there are log lines and a summary of the
// job, and the exit code tells how it ended.
func ExampleAuto() {
	release := drain.Release{Apps: []*drain.App{drain.New("my-app")}}

	events, end := view.Auto{}.Start(os.Stderr)
	release.Events = events
	os.Exit(end(release.Deploy(context.Background())))
}

func ExampleLog() {
	show := view.Log(log.NewWithOptions(os.Stdout, log.Options{Level: log.DebugLevel}))

	reading := probe.Known(12)
	m := drain.Event{App: "chat", Machine: "17810000000001", Group: "app", Region: "iad"}
	m.Kind = drain.Cordoned
	show(m)
	m.Kind, m.Reading = drain.Connections, &reading
	show(m)
	show(drain.Event{Kind: drain.Waiting, App: "chat", Time: time.Now()})
	// Output:
	// INFO cordoned app=chat machine=17810000000001 group=app region=iad
	// DEBU connections app=chat machine=17810000000001 group=app region=iad connections=12
	// INFO draining machines=1 connections=12
}

func ExampleJSON() {
	show := view.JSON(os.Stdout)

	at := time.Date(2026, 11, 22, 20, 15, 0, 0, time.UTC)
	show(drain.Event{Time: at, Kind: drain.Held, App: "chat", Machine: "17810000000004", Group: "app", Region: "iad", Took: 1200 * time.Millisecond})
	show(drain.Event{Time: at, Kind: drain.Outcome, Result: drain.Done, Text: "done: chat"})
	// Output:
	// {"time":"2026-11-22T20:15:00Z","kind":"held","app":"chat","machine":"17810000000004","group":"app","region":"iad","took_ns":1200000000}
	// {"time":"2026-11-22T20:15:00Z","kind":"outcome","result":"done","text":"done: chat"}
}

func ExampleLive() {
	release := drain.Release{Apps: []*drain.App{drain.New("my-app")}}

	events, end := view.Live(os.Stderr)
	release.Events = events
	report, err := release.Deploy(context.Background())
	end()
	os.Exit(view.Outcome(os.Stderr, report, err))
}

func ExampleSummary() {
	var summary view.Summary
	release := drain.Release{Apps: []*drain.App{drain.New("my-app")}, Events: summary.Event}

	report, failure := release.Deploy(context.Background())
	if err := summary.Append("summary.md", report, failure); err != nil {
		fmt.Fprintln(os.Stderr, "warning:", err)
	}
}

func ExampleOutcome() {
	report := drain.Report{Result: drain.Draining, Apps: []drain.AppReport{{App: "chat", Left: []string{"17810000000001"}}}}
	code := view.Outcome(os.Stdout, report, errors.New("drain: not idle: machine 17810000000001 of chat: 2 connections"))
	fmt.Println(code)
	// Output:
	// error: drain: not idle: machine 17810000000001 of chat: 2 connections
	// draining: chat: the new release serves; of the old one there are still: 17810000000001: run again to go on with the drain
	// 3
}

func ExampleAll() {
	var summary view.Summary
	release := drain.Release{Apps: []*drain.App{drain.New("my-app")}}
	release.Events = view.All(view.Log(log.Default()), summary.Event)
}
