package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
)

func TestAWrongCommandLineEndsWithTwo(t *testing.T) {
	for _, args := range []string{"", "-org", "-org x y", "-org x -regions a,b,c", "-org x -hold 0s", "-org x -every -1s"} {
		if code := run(t.Context(), strings.Fields(args), nil, io.Discard, io.Discard); code != 2 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}

func TestWhatOtherRunsLeftIsDestroyedIfItIsAskedForOrOld(t *testing.T) {
	const app = "flydrain-prove-202611261745-0ab7c4fc"
	for name, c := range map[string]struct {
		clean     bool
		answer    string
		says, ran string
	}{
		"clean":         {true, "y\n", "destroyed: " + app, "apps destroy " + app + " --yes"},
		"clean, but no": {true, "\n", "It destroys what earlier runs left: " + app, ""},
		"new":           {false, "n\n", "destroy them by -clean: " + app, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			var talk strings.Builder
			p := prover{org: "my-org", clean: c.clean, hold: 100 * 365 * 24 * time.Hour, in: strings.NewReader(c.answer), talk: &talk, flyctl: recorded(t, &asked)}
			err := p.work(t.Context(), io.Discard)
			if got := strings.Join(asked, "; "); got != c.ran || !strings.Contains(talk.String(), c.says) || (err == nil) != (c.ran != "") {
				t.Errorf("%v, ran %q, said:\n%s", err, got, &talk)
			}
		})
	}
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		b.fly.Do(func(w *draintest.World) {
			for _, name := range []string{newName(), "flydrain-prove-it"} {
				if err := w.AddApp(name, "app=iad:1"); err != nil {
					t.Error(err)
				}
				w.Apps[name].Org = "my-org"
			}
		})
		time.Sleep(b.hold + longest)
		b.watch, b.hold = time.Second, time.Second
		if err := b.work(t.Context(), io.Discard); err != nil && !errors.Is(err, errOtherwise) {
			t.Error(err)
		}
		b.fly.Do(func(w *draintest.World) {
			if len(w.Apps) != 1 || w.Apps["flydrain-prove-it"] == nil {
				t.Errorf("there are %d apps", len(w.Apps))
			}
		})
	})
}
