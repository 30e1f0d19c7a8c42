package drain

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// App is one app on Fly. It is a plain value: copy it, share it. Nothing in this
// package writes to it.
type App struct {
	Name     string   // on Fly
	Dir      string   // folder of its fly.toml; "" is the current one
	Config   string   // another name for fly.toml, resolved inside Dir
	Image    string   // released as it is; "" builds one, or takes the [build] image of fly.toml
	Groups   []string // only these process groups; the others have no machines, and get none. None is all
	Args     []string // passed on to flyctl's build and deploy, such as --build-arg
	Settings          // only what differs from the release's
}

// Release is one release of one app, or of several together: each phase ends for
// all apps before the next begins, so all of them change over or none does. It is a
// plain value too. The same Release can run several times, also side by side.
type Release struct {
	Apps             []App
	Settings                       // for all apps; an app's own win
	Propagation      time.Duration // until a change of routing is known everywhere; default 10s
	Bake             time.Duration // how long all of blue is kept after the cutover, so that Rollback finds it; default none
	Background       bool          // Deploy returns after the cutover; a later Drain finishes
	First            bool          // the first deploy: there are no machines yet
	AllowUnreachable bool          // continue although Fly cannot reach the hosts of some machines
	LoseConfig       bool          // continue although green lacks what people have set on machines
	MaxDraining      int           // refuse while more machines still drain from earlier releases; 0 means no limit

	// ListEvery is how far apart Fly wants two lists of the machines to be, and the creation
	// of two machines, after a burst of three. Default 1s.
	// https://fly.io/docs/machines/api/working-with-machines-api/#rate-limits
	ListEvery time.Duration

	// Check is asked once for each app, when green of all apps is healthy and before
	// any of it serves. An error fails the release, and so does a panic. When its context
	// has ended, it has 2 s to return: then it counts as failed, and is left to itself.
	Check func(ctx context.Context, app string, green []flyctl.Machine) error

	// Again returns the command line of another run of these apps, for Report.Next. The
	// operation is the run's: "deploy", "rollback", "resume" or "drain". Default: as
	// examples/deploy takes it.
	Again func(operation string) string

	// Events gets every event, one at a time. Where one Release runs twice side by side, both
	// runs may call it at once. When it panics, it gets no more events, the run ends as by an
	// interrupt, and then panics with it where it was called; a pipe of steps has it as its error.
	Events func(Event)

	Flyctl flyctl.Runner // how flyctl runs; nil finds the binary
}

// What a [Release] can do, for Plan and Again, by the names of its methods.
const (
	opDeploy   = "deploy"
	opRollback = "rollback"
	opResume   = "resume"
	opDrain    = "drain"
)

// New returns a release of the named apps, with the default of everything else.
func New(apps ...string) Release {
	var r Release
	for _, name := range apps {
		r.Apps = append(r.Apps, App{Name: name})
	}
	return r
}

// again returns the command line of another run.
func (r Release) again(operation string) string {
	if r.Again != nil {
		return r.Again(operation)
	}
	command := "deploy"
	for _, a := range r.Apps {
		command += " -app " + a.Name
	}
	if operation == opDeploy {
		return command
	}
	return command + " -" + operation
}

// resolved returns a copy of the release with every default filled in, for all apps, or
// the error of a setting that is not valid. In the copy, zero means no wait, and for
// Deadline no deadline.
func (r Release) resolved() (Release, error) {
	if err := r.validate(); err != nil {
		return Release{}, err
	}
	r.Propagation = wait(r.Propagation, propagationTime)
	r.Bake = wait(r.Bake)
	r.ListEvery = cmp.Or(r.ListEvery, listEvery)
	r.Apps = slices.Clone(r.Apps)
	for i := range r.Apps {
		a := &r.Apps[i]
		a.Args, a.Groups = slices.Clone(a.Args), slices.Clone(a.Groups)
		a.Settings = a.Settings.over(r.Settings, r.Propagation)
	}
	return r, nil
}

// validate returns the error of a setting that is not valid.
func (r Release) validate() error {
	const all = "the release"
	if err := cmp.Or(r.Settings.validate(all), notNegative(all, "Propagation", r.Propagation), notNegative(all, "Bake", r.Bake),
		notNegative(all, "ListEvery", r.ListEvery), notNegative(all, "MaxDraining", r.MaxDraining)); err != nil {
		return err
	}
	if len(r.Apps) == 0 {
		return fmt.Errorf("%w: a release without apps", flyctl.ErrUsage)
	}
	names := map[string]bool{}
	for _, a := range r.Apps {
		if names[a.Name] {
			return fmt.Errorf("%w: app %s is given twice", flyctl.ErrUsage, a.Name)
		}
		names[a.Name] = true
		err := cmp.Or(flyctl.ValidateApp(a.Name), flyctl.DeployOptions{Image: a.Image, Groups: a.Groups, Extra: a.Args}.Validate(),
			noMark(a.Args), a.Settings.validate(a.Name))
		if err != nil {
			return err
		}
	}
	return nil
}

// noMark refuses arguments that set our mark, however they are spelled: they would come
// after ours, and no machine would be known as green.
func noMark(args []string) error {
	if slices.ContainsFunc(args, setsMark.MatchString) {
		return fmt.Errorf("%w: %s cannot be passed on to flyctl: it is how flydrain knows its releases", flyctl.ErrUsage, fleet.MarkEnv)
	}
	return nil
}

var setsMark = regexp.MustCompile(`(?:\b|^-e)` + fleet.MarkEnv + `\b`)
