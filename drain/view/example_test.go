package view_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/bitfield/script"
	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

// A whole deploy script: a picture on a terminal, log lines and a summary in CI, and
// an exit code that says how it ended.
func ExampleDeploy() {
	os.Exit(view.Deploy(drain.New("my-app")))
}

func ExampleRun() {
	os.Exit(view.Run(drain.New("my-app"), drain.Release.Resume))
}

func ExampleSteps() {
	retire := func(_ context.Context, s *drain.Steps) error {
		return drain.Run(script.Args(), s.Cordon, s.AwaitIdle, s.Destroy)
	}
	os.Exit(view.Steps(drain.New("my-app"), retire))
}

// A script with flags of its own, and with -json, -summary and -v.
func ExampleAuto_Run() {
	var show view.Auto
	show.Flags(flag.CommandLine)
	app := flag.String("app", "my-app", "the app's `name` on Fly")
	flag.Parse()
	os.Exit(show.Run(drain.New(*app), drain.Release.Deploy))
}

// A program with a context and an exit code of its own.
func ExampleAuto_Start() {
	r := drain.New("my-app")
	events, end := view.Auto{}.Start(os.Stderr)
	r.Events = events
	if end(r.Deploy(context.Background())) != 0 {
		fmt.Println("not done")
	}
}

func ExampleLog() {
	show := view.Log(log.NewWithOptions(os.Stdout, log.Options{Level: log.DebugLevel}))

	reading := probe.Known(12)
	m := drain.Event{App: "chat", Machine: "17810000000001", Group: "app", Region: "iad"}
	m.Kind = drain.EventCordoned
	show(m)
	m.Kind, m.Reading = drain.EventConnections, &reading
	show(m)
	show(drain.Event{Kind: drain.EventWaiting, App: "chat", Time: time.Now()})
	// Output:
	// INFO cordoned app=chat machine=17810000000001 group=app region=iad
	// DEBU connections app=chat machine=17810000000001 group=app region=iad connections=12
	// INFO draining machines=1 connections=12
}

func ExampleJSON() {
	show := view.JSON(os.Stdout)

	at := time.Date(2026, 11, 22, 20, 15, 0, 0, time.UTC)
	show(drain.Event{Time: at, Kind: drain.EventHeld, App: "chat", Machine: "17810000000004", Group: "app", Region: "iad", Took: 1200 * time.Millisecond})
	show(drain.Event{Time: at, Kind: drain.EventOutcome, Result: drain.ResultDone, Why: "done: chat"})
	// Output:
	// {"time":"2026-11-22T20:15:00Z","kind":"held","app":"chat","machine":"17810000000004","group":"app","region":"iad","took":1.2}
	// {"time":"2026-11-22T20:15:00Z","kind":"outcome","result":"done","why":"done: chat"}
}

func ExampleSummary() {
	var summary view.Summary
	r := drain.New("my-app")
	r.Events = summary.Event

	report, failure := r.Deploy(context.Background())
	if err := summary.Write(os.Stdout, report, failure); err != nil {
		fmt.Fprintln(os.Stderr, "warning:", err)
	}
}

func ExampleOutcome() {
	report := drain.Report{
		Result: drain.ResultDraining,
		Next:   []string{"deploy -app chat -drain"},
		Apps:   []drain.AppReport{{App: "chat", Draining: []string{"17810000000001"}, Known: true}},
	}
	code := view.Outcome(os.Stdout, report, errors.New("drain: not idle: machine 17810000000001 of chat: 2 connections"))
	fmt.Println(code)
	// Output:
	// error: drain: not idle: machine 17810000000001 of chat: 2 connections
	// draining: chat: the new release serves; old machines still drain: 17810000000001; next: deploy -app chat -drain
	// 3
}

func ExampleAll() {
	var summary view.Summary
	r := drain.New("my-app")
	r.Events = view.All(view.Log(log.Default()), summary.Event)
}
