package draintest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func groupsOf(f *Fly) string {
	var b strings.Builder
	f.Do(func(w *World) {
		for _, m := range w.Live("my-app") {
			b.WriteString(m.Group() + ":" + m.Region + ":" + refOf(m.Config.Image).Tag + " ")
		}
	})
	return strings.TrimSpace(b.String())
}

func TestADeployMakesTheMachinesThatFlyctlWouldMake(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		exit int
		want string
		talk string
	}{
		"in place":            {"", 0, "app:iad:v2 app:lhr:v2 worker:iad:v2", ""},
		"beside":              {"--exclude-machines ALL", 0, "app:iad:v1 app:lhr:v1 worker:iad:v1 app:iad:v2 worker:iad:v2", "deploying to 0/3 machines"},
		"only none":           {"--only-machines none", 0, "app:iad:v1 app:lhr:v1 worker:iad:v1 app:iad:v2 worker:iad:v2", "--only-machines filter applied"},
		"one group":           {"--only-machines none --process-groups worker", 0, "app:iad:v1 app:lhr:v1 worker:iad:v1 worker:iad:v2", ""},
		"high availability":   {"--only-machines none --ha", 0, "app:iad:v1 app:lhr:v1 worker:iad:v1 app:iad:v2 app:iad:v2 worker:iad:v2 worker:iad:v2", ""},
		"update only":         {"--only-machines none --update-only", 0, "app:iad:v1 app:lhr:v1 worker:iad:v1", ""},
		"one that raced":      {"--exclude-machines TWO", 0, "app:iad:v1 app:lhr:v2 worker:iad:v1 worker:iad:v2", ""},
		"canary":              {"--only-machines none --strategy canary", 0, "app:iad:v1 app:lhr:v1 worker:iad:v1 app:iad:v2 worker:iad:v2", ""},
		"bluegreen":           {"--strategy bluegreen --detach=false", 0, "app:iad:v2 app:lhr:v2 worker:iad:v2", "Deployment Complete"},
		"an unknown strategy": {"--strategy slowly", 1, "app:iad:v1 app:lhr:v1 worker:iad:v1", "slowly"},
		"an unknown group":    {"--process-groups web", 1, "app:iad:v1 app:lhr:v1 worker:iad:v1", "web"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := New(time.Now())
				if err := w.AddApp("my-app", "app=iad:1,lhr:1", "worker=iad:1"); err != nil {
					t.Fatal(err)
				}
				f, ids := NewFly(w), append([]string(nil), w.Apps["my-app"].Machines...)
				args := strings.NewReplacer("ALL", strings.Join(ids, ","), "TWO", ids[0]+","+ids[2]).Replace(c.args)
				args = "deploy -a my-app --image registry.fly.io/my-app:v2 --ha=false --detach " + args
				_, talk := sh(t, f, c.exit, words(args)...)
				if !strings.Contains(talk, c.talk) {
					t.Errorf("talk:\n%s", talk)
				}
				if got := groupsOf(f); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			})
		})
	}
}

func TestABuildMakesAnImageThatTheRegistryKnowsAfterAPush(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, _ []string) {
		f.Do(func(w *World) { w.RegistryLag = 10 * time.Second })
		_, talk := sh(t, f, 0, words("deploy -a my-app --build-only --push --image-label r1")...)
		if !strings.Contains(talk, "\nimage: registry.fly.io/my-app:r1\n") {
			t.Error(talk)
		}
		deploy := words("deploy -a my-app --image registry.fly.io/my-app:r1 --only-machines none --detach --ha=false")
		sh(t, f, 1, deploy...)
		time.Sleep(10 * time.Second)
		sh(t, f, 0, deploy...)
		sh(t, f, 0, words("deploy -a my-app --build-only --image-label r2")...)
		sh(t, f, 1, words("deploy -a my-app --image registry.fly.io/my-app:r2 --only-machines none --detach --ha=false")...)
	})
}

func TestSizesComeFromVMElseFromFlags(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "fly.toml"), []byte("app = 'my-app'\nprimary_region = 'iad'\n"+text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for toml, want := range map[string]string{
		"":                                   "{performance 2 4096}",
		"[[vm]]\nmemory = '1gb'\ncpus = 2\n": "{shared 2 1024}",
		"[[vm]]\nsize = 'performance-4x'\nprocesses = ['app']\n":             "{performance 4 8192}",
		"[[vm]]\nmemory = 512\n[[vm]]\nmemory = 1024\nprocesses = ['app']\n": "{shared 1 1024}",
	} {
		write(toml)
		fly(t, func(t *testing.T, f *Fly, _ []string) {
			args := words("deploy --image v2 --only-machines none --detach --ha=false --vm-cpu-kind performance --vm-cpus 2 --vm-memory 4096")
			r, err := f.Runner()(t.Context(), flyctl.Command{Args: args, Dir: dir})
			if err != nil || r.ExitCode != 0 {
				t.Fatalf("%v %s", err, r.Stderr)
			}
			f.Do(func(w *World) {
				ms := w.Live("my-app")
				g := ms[len(ms)-1].Config.Guest
				if got := fmt.Sprintf("{%s %d %d}", g.CPUKind, g.CPUs, g.MemoryMB); got != want {
					t.Errorf("%q: %s, want %s", toml, got, want)
				}
			})
		})
	}
}

func TestAGroupWithMountsNeedsAVolume(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, _ []string) {
		f.Do(func(w *World) {
			cfg, err := config.Parse("", []byte("[mounts]\nsource = 'data'\ndestination = '/data'"))
			if err != nil {
				t.Fatal(err)
			}
			w.Apps["my-app"].Config.Mounts = cfg.Mounts
		})
		_, talk := sh(t, f, 1, words("deploy -a my-app --image v2 --only-machines none --detach --ha=false")...)
		if !strings.Contains(talk, "requires an unattached 'data' volume") {
			t.Error(talk)
		}
	})
}
