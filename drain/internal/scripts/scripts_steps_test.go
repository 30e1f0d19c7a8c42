package scripts_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
)

const stepsUsage = `usage: steps [flags] APP [blue | machines | build | green IMAGE | ID…] [STEP…]

runs the steps as a pipe, and prints what comes out of it.
`

// steps is what a person would write for "go run": some steps of an app, one after
// another, with all waits as long as they are by default.
func steps() { runSteps(drain.New("")) }

// stepsNow has no waits, as an interrupt needs the time of the world.
func stepsNow() {
	r := drain.New("")
	r.ListEvery, r.Propagation = 10*time.Millisecond, drain.None
	r.Settle, r.Confirm, r.Poll, r.Smoke = drain.None, drain.None, 10*time.Millisecond, drain.None
	runSteps(r)
}

func runSteps(r drain.Release) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := parseSteps(ctx, r, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "steps:", err)
		os.Exit(1)
	}
}

func parseSteps(ctx context.Context, r drain.Release, args []string) error {
	fs := flag.NewFlagSet("steps", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(os.Stderr, stepsUsage); fs.PrintDefaults() }
	events := fs.Bool("v", false, "tell of each event, on standard error")
	fs.StringVar(&r.Apps[0].Dir, "dir", "", "App.Dir")
	fs.StringVar(&r.Apps[0].Config, "config", "", "App.Config")
	fs.BoolVar(&r.First, "first", false, "Release.First")
	fs.BoolVar(&r.AllowUnreachable, "allow-unreachable", false, "Release.AllowUnreachable")
	fs.IntVar(&r.Limit, "limit", 0, "Settings.Limit")
	fs.DurationVar(&r.HealthTimeout, "health", 0, "Settings.HealthTimeout")
	fs.DurationVar(&r.Deadline, "deadline", 0, "Settings.Deadline")
	cut := fs.Bool("cut", false, "Settings.AtDeadline = StopMachine")
	fs.Func("arg", "one of App.Args; repeatable", func(s string) error { r.Apps[0].Args = append(r.Apps[0].Args, s); return nil })
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() < 2 {
		fs.Usage()
		return errors.New("no app or no step")
	}
	if *cut {
		r.AtDeadline = drain.StopMachine
	}
	if *events {
		r.Events = func(e drain.Event) {
			fmt.Fprintln(os.Stderr, strings.TrimSpace(fmt.Sprintln(e.Kind, e.Machine, e.Why)))
		}
	}
	r.Apps[0].Name = fs.Arg(0)
	return byPipe(r.Steps(ctx), fs.Args()[1:])
}

func byPipe(s *drain.Steps, words []string) error {
	known := map[string]drain.Step{"awaithealthy": s.AwaitHealthy, "cordon": s.Cordon, "uncordon": s.Uncordon,
		"awaitrouting": s.AwaitRouting, "awaitidle": s.AwaitIdle, "stop": s.Stop, "destroy": s.Destroy, "autostop": s.Autostop}
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
	for _, word := range rest {
		if known[word] == nil {
			return fmt.Errorf("no step is called %q", word)
		}
		p = known[word](p)
	}
	return drain.Run(p.Tee(os.Stdout))
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
