package drain_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

const stepsUsage = `usage: steps [flags] APP [blue | machines | build | green IMAGE | ID…] [STEP…]

runs the steps as a pipe, or with -methods as methods of App, and prints what comes out of them.
`

// steps is what a person would write for "go run": some steps of an app, one
// after another, with all waits as long as they are by default. What they wait for
// takes no time, and what flyctl does takes its own.
func steps() {
	args := os.Args[1:]
	os.Args = os.Args[:1] // the rest is not for package testing
	path, findErr := flyctl.Find("")
	fly := newOutsideRunner(flyctl.Exec(path))
	testing.Main(nil, []testing.InternalTest{{Name: "steps", F: func(t *testing.T) {
		var err error
		synctest.Test(t, func(*testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			app := &drain.App{}
			if findErr == nil { // else the App says so
				app.Flyctl = fly.runner(func() { cancel(errors.New("interrupted")) })
			}
			err = runSteps(ctx, app, args)
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, "steps:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}}}, nil, nil)
}

func runSteps(ctx context.Context, app *drain.App, args []string) error {
	fs := flag.NewFlagSet("steps", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(os.Stderr, stepsUsage); fs.PrintDefaults() }
	methods := fs.Bool("methods", false, "by App's methods, not by a pipe")
	events := fs.Bool("v", false, "tell of each event, on standard error")
	fs.StringVar(&app.Dir, "dir", "", "App.Dir")
	fs.StringVar(&app.Config, "config", "", "App.Config")
	fs.BoolVar(&app.First, "first", false, "App.First")
	fs.BoolVar(&app.AllowUnreachable, "allow-unreachable", false, "App.AllowUnreachable")
	fs.BoolVar(&app.LoseConnections, "lose", false, "App.LoseConnections")
	fs.IntVar(&app.Limit, "limit", 0, "App.Limit")
	fs.DurationVar(&app.HealthTimeout, "health", 0, "App.HealthTimeout")
	fs.DurationVar(&app.Deadline, "deadline", 0, "App.Deadline")
	cut := fs.Bool("cut", false, "App.AtDeadline = StopConnected")
	fs.Func("arg", "one of App.Args; repeatable", func(s string) error { app.Args = append(app.Args, s); return nil })
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() < 2 {
		fs.Usage()
		return errors.New("no app or no step")
	}
	if *cut {
		app.AtDeadline = drain.StopConnected
	}
	if *events {
		app.Events = func(e drain.Event) {
			fmt.Fprintln(os.Stderr, strings.TrimSpace(fmt.Sprintln(e.Kind, e.Machine, e.Text)))
		}
	}
	app.Name = fs.Arg(0)
	if *methods {
		return byMethods(ctx, app, fs.Args()[1:])
	}
	return byPipe(ctx, app, fs.Args()[1:])
}

func byPipe(ctx context.Context, app *drain.App, words []string) error {
	s := app.Steps(ctx)
	known := map[string]drain.Step{"awaithealthy": s.AwaitHealthy, "cordon": s.Cordon, "uncordon": s.Uncordon,
		"awaitidle": s.AwaitIdle, "stop": s.Stop, "destroy": s.Destroy, "autostop": s.Autostop}
	first, ids, rest := source(words, func(word string) bool { return known[word] != nil })
	var p *script.Pipe
	switch first {
	case "blue":
		p = s.Blue()
	case "machines":
		p = s.Machines()
	case "build":
		p = s.Build()
	case "green":
		p = s.Green(ids[0])
	default:
		p = script.Slice(ids)
	}
	var steps []drain.Step
	for _, word := range rest {
		if known[word] == nil {
			return fmt.Errorf("no step is called %q", word)
		}
		steps = append(steps, known[word])
	}
	return drain.Run(drain.Through(p, steps...).Tee(os.Stdout))
}

func byMethods(ctx context.Context, app *drain.App, words []string) error {
	known := map[string]func(context.Context, ...string) error{"awaithealthy": app.AwaitHealthy, "cordon": app.Cordon,
		"uncordon": app.Uncordon, "awaitidle": app.AwaitIdle, "stop": app.Stop, "destroy": app.Destroy, "autostop": app.Autostop}
	first, ids, rest := source(words, func(word string) bool { return known[word] != nil })
	var machines []flyctl.Machine
	var err error
	switch first {
	case "blue":
		machines, err = app.Blue(ctx)
	case "machines":
		machines, err = app.Machines(ctx)
	case "build":
		ids = make([]string, 1)
		ids[0], err = app.Build(ctx)
	case "green":
		machines, err = app.Green(ctx, ids[0])
		ids = nil
	}
	if err != nil {
		return err
	}
	for _, m := range machines {
		ids = append(ids, m.ID)
	}
	for _, word := range rest {
		if known[word] == nil {
			return fmt.Errorf("no step is called %q", word)
		}
		if err := known[word](ctx, ids...); err != nil {
			return err
		}
	}
	for _, id := range ids {
		fmt.Println(id)
	}
	return nil
}

// source takes what the steps begin with from the words: a source and its
// argument, or else ids.
func source(words []string, step func(string) bool) (first string, ids, rest []string) {
	switch words[0] {
	case "blue", "machines", "build":
		return words[0], nil, words[1:]
	case "green":
		return words[0], append(words[1:], "")[:1], words[min(2, len(words)):]
	}
	n := 0
	for n < len(words) && !step(words[n]) {
		n++
	}
	return "", words[:n], words[n:]
}
