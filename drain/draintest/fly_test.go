package draintest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// sh runs one flyctl command and wants it to exit so.
func sh(t *testing.T, f *Fly, exit int, line ...string) (out, talk string) {
	t.Helper()
	r, err := f.Runner()(context.Background(), flyctl.Command{Args: line})
	if err != nil {
		t.Fatalf("%v: %v", line, err)
	}
	if r.ExitCode != exit {
		t.Fatalf("%v: exit %d, want %d\n%s%s", line, r.ExitCode, exit, r.Stdout, r.Stderr)
	}
	return string(r.Stdout), string(r.Stderr)
}

// words splits a line at blanks.
func words(line string) []string { return strings.Fields(line) }

func TestACommandIsToldLineByLineAsItGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFly(nil)
		f.Do(func(w *World) {
			w.AddApp("my-app", "app=iad:1")
			w.BuildTime = time.Minute
		})
		begun := time.Now()
		var lines []string
		var last time.Duration
		r, err := f.Runner()(t.Context(), flyctl.Command{Args: words("deploy -a my-app --build-only --push --image-label v2"), Output: func(line string) {
			if len(lines) == 0 && time.Since(begun) > time.Second {
				t.Errorf("the first line came after %v", time.Since(begun))
			}
			lines, last = append(lines, line), time.Since(begun)
		}})
		if err != nil || r.ExitCode != 0 {
			t.Fatal(r.ExitCode, err)
		}
		var want []string
		for line := range strings.Lines(string(r.Stderr) + string(r.Stdout)) {
			if line = flyctl.Printable(line); line != "" {
				want = append(want, line)
			}
		}
		slices.Sort(want) // the streams are apart there
		slices.Sort(lines)
		if !slices.Equal(lines, want) || last < time.Minute {
			t.Errorf("after %v\ngot  %q\nwant %q", last, lines, want)
		}
	})
}

func TestADrainByHandCutsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFly(nil)
		var blue []string
		f.Do(func(w *World) {
			w.AddApp("my-app", "app=iad:2,lhr:1")
			for _, m := range w.Live("my-app") {
				blue = append(blue, m.ID)
			}
			w.Connect("my-app", "", "iad", 6, 30*time.Second)
		})
		_, talk := sh(t, f, 0, "deploy", "-a", "my-app", "--image", "registry.fly.io/my-app:v2", "--exclude-machines", strings.Join(blue, ","),
			"--only-machines", "none", "--ha=false", "--detach", "--wait-timeout", "none", "--env", "FLYDRAIN=29991122T201500Z-ab12/1/3")
		if !strings.Contains(talk, "deploying to 0/3 machines") {
			t.Errorf("talk:\n%s", talk)
		}
		green := strings.Fields(must(sh(t, f, 0, words("machine list -q -a my-app")...)))[3:]
		if len(green) != 1 {
			t.Fatalf("green %v", green)
		}
		sh(t, f, 0, words("machine cordon -a my-app "+green[0])...)
		for _, region := range []string{"iad", "lhr"} {
			sh(t, f, 0, words("machine clone --detach -a my-app --region "+region+" "+green[0])...)
		}
		time.Sleep(10 * time.Second)
		all := strings.Fields(must(sh(t, f, 0, words("machine list -q -a my-app")...)))
		for _, id := range all[4:] {
			sh(t, f, 0, words("machine cordon -a my-app "+id)...)
		}
		for _, id := range all[3:] {
			sh(t, f, 0, words("machine uncordon -a my-app "+id)...)
		}
		time.Sleep(10 * time.Second)
		for _, id := range blue {
			sh(t, f, 0, words("machine cordon -a my-app "+id)...)
		}
		time.Sleep(time.Minute)
		for _, id := range blue {
			out, _ := sh(t, f, 0, "machine", "exec", id, "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat", "--json", "-a", "my-app")
			if !strings.Contains(out, "FRAG") {
				t.Error(out)
			}
			sh(t, f, 0, words("machine stop -a my-app "+id)...)
			sh(t, f, 0, words("machine destroy -a my-app "+id)...)
		}
		f.Do(func(w *World) {
			if w.Account.Cut != 0 || w.Account.Ended != 6 || len(w.Breaches) != 0 || len(w.Live("my-app")) != 3 {
				t.Errorf("%v %v", w.Account, w.Breaches)
			}
		})
	})
}

func must(out, _ string) string { return out }

func TestInAGoTestAnAppHasItsFlyTomlButForAFolderOrAFileThatIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFly(nil)
		f.Do(func(w *World) { w.AddApp("my-app", "app=iad:1") })
		for _, c := range []struct {
			dir, line, want string
		}{
			{".", "config show --local -a my-app", `"primary_region": "iad"`},
			{".", "config show --local -a another", "No local fly.toml found"},
			{".", "config show --local -a my-app -c other.toml", "config file not found at specified path: other.toml"},
			{t.TempDir(), "config show --local -a my-app", "No local fly.toml found"},
			{"", "config show --local -a my-app", "No local fly.toml found"},
		} {
			r, err := f.Runner()(t.Context(), flyctl.Command{Dir: c.dir, Args: words(c.line)})
			if got := string(r.Stdout) + string(r.Stderr); err != nil || !strings.Contains(got, c.want) {
				t.Errorf("in %q, %s: %v\n%s", c.dir, c.line, err, got)
			}
		}
		// What a release sets for its machines does not become part of it.
		r, err := f.Runner()(t.Context(), flyctl.Command{Dir: ".", Args: words("deploy -a my-app -i registry.fly.io/my-app:v2 --env FLYDRAIN=x")})
		if err != nil || r.ExitCode != 0 {
			t.Fatalf("%v\n%s", err, r.Stderr)
		}
		if r, _ = f.Runner()(t.Context(), flyctl.Command{Dir: ".", Args: words("config show --local -a my-app")}); strings.Contains(string(r.Stdout), "FLYDRAIN") {
			t.Errorf("%s", r.Stdout)
		}
	})
}
