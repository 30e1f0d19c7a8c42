package drain_test

import (
	"context"
	"flag"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// FuzzFlags gives odd command lines, an argument a line, to what the example
// programs parse theirs with. What is taken is planned and released; whatever it
// is, flyctl is run for that app only, with nothing of ours overridden.
func FuzzFlags(f *testing.F) {
	for _, line := range []string{
		"-app\nmy-app", "-app\nmy-app=./x\n-image\nmy-app=registry.fly.io/my-app:v2", "-app=a\n-app=b\n-image=x:y",
		"-app\n--access-token=x", "-app\n-rf", "-app\nmy app", "-app\nmy-app\x00", "-app\n\x1b[31mred", "-app\nMY-APP", "-app\n../etc",
		"-app\nmy-app\n--\n--build-arg\nA=b", "-app\nmy-app\n--\n--app\nother", "-app\nmy-app\n--\n-t\nsecret", "-app\nmy-app\n--\n-aother",
		"-app\nmy-app\n--\n--access-token\nsecret", "-app\nmy-app\n--\nother-folder", "-app\nmy-app\n--\n--only-machines=all",
		"-app\nmy-app\n-image\n--only-machines", "-app\nmy-app\n-config\n-c", "-app\nmy-app\n-deadline\n-1h", "-app\nmy-app\n-limit\n-1",
		"-app\nmy-app\n-probe\nexec=\n", "-app\nmy-app\n-probe\nexec=rm -rf /", "-app\nmy-app\n-probe\nnone", "-app\nmy-app\n-settle\nNaN",
		"-app\nmy-app\n-at-deadline\nstop", "-app\nmy-app\n-bake\n99999999h", "-app\n=x", "-app\nx=", "-first\n-app\nmy-app\nrest",
	} {
		f.Add(line)
	}
	appName := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	f.Fuzz(func(t *testing.T, line string) {
		var release drain.Release
		fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		apply := release.Flags(fs)
		if fs.Parse(strings.Split(line, "\n")) != nil || apply(fs.Args()) != nil {
			return
		}
		dir := (&sim{T: t}).dir(flyToml)
		synctest.Test(t, func(t *testing.T) {
			fly := draintest.NewFly(nil)
			var names []string
			for i := range release.Apps {
				a := &release.Apps[i]
				if !appName.MatchString(a.Name) {
					t.Errorf("%q: app %q was taken", line, a.Name)
					continue
				}
				names = append(names, a.Name)
				fly.Do(func(w *draintest.World) {
					if err := w.AddApp(a.Name, "app=iad:1", "worker=iad:1"); err != nil {
						t.Error(err)
					}
				})
				a.Dir, a.Config = dir, ""
			}
			run := fly.Runner()
			release.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
				sane(t, cmd.Args, names)
				return run(ctx, cmd)
			}
			release.Bake, release.Background = 0, true // no drain of years
			_, _ = release.Plan(t.Context(), "deploy")
			_, _ = release.Deploy(t.Context())
		})
	})
}

// sane holds an argument vector against what no command line may change.
func sane(t *testing.T, args, apps []string) {
	given := 0
	for i, arg := range args {
		switch name, value, joined := strings.Cut(arg, "="); {
		case arg == "-t" || name == "--access-token" || strings.HasPrefix(arg, "-a") || strings.ContainsRune(arg, 0):
			t.Errorf("%q in %q", arg, args)
		case name == "--app":
			if !joined && i+1 < len(args) {
				value = args[i+1]
			}
			given++
			if !slices.Contains(apps, value) {
				t.Errorf("app %q in %q", value, args)
			}
		}
	}
	if given > 1 || given == 0 && args[0] != "version" {
		t.Errorf("%d apps in %q", given, args)
	}
}
