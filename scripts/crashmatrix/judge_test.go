package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// judged is a tiny app, before what becomes of it is judged.
type judged struct {
	b  *bench
	w  *draintest.World
	ms []*draintest.Machine // of the app, and its worker
}

// TestTheJudgeFindsEachRuleThatIsBroken has a world in which one thing is wrong, and beside
// it that which makes it right.
func TestTheJudgeFindsEachRuleThatIsBroken(t *testing.T) {
	breach := func(rule, text string) func(*judged) {
		return func(j *judged) {
			j.w.Breaches = append(j.w.Breaches, draintest.Breach{Rule: rule, Machine: "1", Text: text, Command: "machine stop"})
		}
	}
	cut := func(by string, since time.Duration) func(*judged) {
		return func(j *judged) {
			j.w.Do(draintest.Action{Kind: "update", Machine: j.ms[0].ID})
			j.w.Account.Cuts = j.w.Account.Cuts[:1]
			j.w.Account.Cuts[0].By, j.ms[0].Held = by, j.w.Now.Add(-since)
		}
	}
	refused := func(j *judged) { j.w.Account.Refused = 2 }
	touch := func(j *judged) { j.b.touched[j.ms[0].ID] = true }
	rough := func(j *judged) { j.b.rough = true }
	beside := func(j *judged) { j.b.beside = true }
	late := func(j *judged) { j.b.late = time.Minute }
	for name, c := range map[string]struct {
		is   []func(*judged)
		want string
	}{
		"nothing is wrong":                       {nil, ""},
		"a breach":                               {[]func(*judged){breach("S1", "1 of 2")}, "S1 1: 1 of 2: machine stop"},
		"a look beside another run":              {[]func(*judged){breach("S4", "no look"), rough, beside}, ""},
		"no look, without another run":           {[]func(*judged){breach("S4", "no look"), rough}, "S4 1: no look"},
		"no look, where little goes wrong":       {[]func(*judged){breach("S4", "no look"), beside}, "S4 1: no look"},
		"a weak place that somebody made":        {[]func(*judged){breach("S1", "1 of 2"), rough, touch}, ""},
		"a weak place that nobody made":          {[]func(*judged){breach("S1", "1 of 2"), rough}, "S1 1: 1 of 2"},
		"a weak place, where little goes wrong":  {[]func(*judged){breach("S1", "1 of 2"), touch}, "S1 1: 1 of 2"},
		"a dark place that somebody made":        {[]func(*judged){breach("S1", "0 of 2"), rough, touch}, "S1 1: 0 of 2"},
		"another rule beside another run":        {[]func(*judged){breach("S3", "not ours"), rough, beside, touch}, "S3 1: not ours"},
		"a connection that was cut":              {[]func(*judged){cut("machine stop 1", 0)}, "a connection was cut by machine stop 1"},
		"a connection that somebody cut":         {[]func(*judged){cut("outside: update", 0)}, ""},
		"a connection that the platform cut":     {[]func(*judged){cut("platform: autostop", 0)}, ""},
		"a connection cut at the deadline":       {[]func(*judged){cut("machine stop 1", time.Minute), late}, ""},
		"a connection cut before the deadline":   {[]func(*judged){cut("machine stop 1", 59*time.Second), late}, "a connection was cut by machine stop 1"},
		"refused connections":                    {[]func(*judged){refused}, "2 connections found no machine"},
		"refused connections that somebody made": {[]func(*judged){refused, touch}, ""},
		"refused connections beside an autostop": {[]func(*judged){refused, func(j *judged) { j.b.autostop = true }}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			judging(t, c.want, func(j *judged) func() []string {
				for _, is := range c.is {
					is(j)
				}
				return func() []string { j.b.judge(); return j.b.broken }
			})
		})
	}
}

// TestTheJudgeCountsMachinesTooManyAndTooFew leaves out worlds that somebody else has changed.
func TestTheJudgeCountsMachinesTooManyAndTooFew(t *testing.T) {
	for name, c := range map[string]struct {
		is   func(*judged)
		want int
	}{
		"none":             {func(*judged) {}, 0},
		"one too many":     {func(j *judged) { j.w.AddMachine("app-0", "app", "iad", image("app-0", "v3")) }, 1},
		"one too few":      {func(j *judged) { j.w.Do(draintest.Action{Kind: "destroy", Machine: j.ms[1].ID}) }, -1},
		"of somebody else": {func(j *judged) { j.w.AddMachine("app-0", "app", "iad", ""); j.b.touched["1"] = true }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			judging(t, "", func(j *judged) func() []string {
				c.is(j)
				return func() []string {
					if j.b.judge(); j.b.left != c.want {
						t.Errorf("%d, want %d", j.b.left, c.want)
					}
					return nil
				}
			})
		})
	}
}

// judging sets a world up, and wants what the function that set returns finds in it:
// nothing, or only that.
func judging(t *testing.T, want string, set func(*judged) (find func() []string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := (&scenario{apps: 1, shape: tiny, lives: time.Hour}).bench()
		var find func() []string
		b.fly.Do(func(w *draintest.World) { find = set(&judged{b: b, w: w, ms: w.Live("app-0")}) })
		got := find()
		if found := strings.Join(got, ""); len(got) > 1 || (found == "") != (want == "") || !strings.Contains(found, want) {
			t.Errorf("found %q, want %q", got, want)
		}
	})
}

func TestTheJudgeFindsWhatARunSaysThatIsNotSo(t *testing.T) {
	no := errors.New("no")
	v3 := func(j *judged) {
		for _, m := range j.ms {
			m.Config.Image = image("app-0", "v3")
		}
	}
	// green is beside the old machines, which serve.
	green := func(cordoned bool) func(*judged) {
		return func(j *judged) {
			m := j.w.AddMachine("app-0", "app", "iad", image("app-0", "v3"))
			m.Cordoned, j.ms = cordoned, append(j.ms, m)
		}
	}
	leased := func(nonce string) func(*judged) {
		return func(j *judged) {
			j.w.Do(draintest.Action{Kind: "lease", Machine: j.ms[0].ID, For: time.Minute})
			j.ms[0].Lease.Nonce = nonce
		}
	}
	cordon := func(j *judged) { j.ms[0].Cordoned = true }
	touch := func(j *judged) { j.b.touched[j.ms[0].ID] = true }
	id := func(j *judged) error { return errors.New("machine " + j.ms[0].ID + " is leased") }
	for name, c := range map[string]struct {
		is     []func(*judged)
		result drain.Result
		err    func(*judged) error // nil is none, but for "no" where it is not done
		app    func(*judged) drain.AppReport
		want   string
	}{
		"done": {is: []func(*judged){v3}, result: drain.ResultDone},
		"done, with an error": {is: []func(*judged){v3}, result: drain.ResultDone, err: func(*judged) error { return no },
			want: "it says done, and its error is: no"},
		"failed, without an error":           {result: drain.ResultFailed, err: func(*judged) error { return nil }, want: "it says failed, and its error is: <nil>"},
		"done, and both releases serve":      {is: []func(*judged){green(false)}, result: drain.ResultDone, want: "open are map[v1:2 v3:1]"},
		"done, and one is too few":           {is: []func(*judged){v3, func(j *judged) { j.w.Do(draintest.Action{Kind: "destroy", Machine: j.ms[1].ID}) }}, result: drain.ResultDone, want: "open are map[v3:1]"},
		"done, and an old one is held":       {is: []func(*judged){v3, func(j *judged) { j.w.AddMachine("app-0", "app", "iad", image("app-0", "v1")).Cordoned = true }}, result: drain.ResultDone, want: "cordoned map[v1:1]"},
		"only drained, and an old one stays": {is: []func(*judged){v3, func(j *judged) { j.w.AddMachine("app-0", "app", "iad", "v:v1").Cordoned, j.b.drains = true, true }}, result: drain.ResultDone},
		"failed":                             {result: drain.ResultFailed},
		"failed, and green is held":          {is: []func(*judged){green(true)}, result: drain.ResultFailed, want: "cordoned map[v3:1]"},
		"failed, and the new one serves":     {is: []func(*judged){newMachines}, result: drain.ResultFailed, want: "open are map[v3:2]"},
		"failed, and an old one is cordoned": {is: []func(*judged){cordon}, result: drain.ResultFailed, want: "open are map[v1:1], cordoned map[v1:1]"},
		"failed, and somebody cordoned it":   {is: []func(*judged){cordon, touch}, result: drain.ResultFailed},
		"left":                               {is: []func(*judged){green(true)}, result: drain.ResultLeft},
		"left, and the new one serves":       {is: []func(*judged){newMachines}, result: drain.ResultLeft, want: "open are map[v3:2]"},
		"left, and green serves":             {is: []func(*judged){green(false)}, result: drain.ResultLeft, want: "open are map[v1:2 v3:1]"},
		"left, and green serves, and it says": {is: []func(*judged){green(false)}, result: drain.ResultLeft, app: func(j *judged) drain.AppReport {
			return drain.AppReport{Serving: []string{j.ms[2].ID}, Green: []string{j.ms[2].ID}, Known: true}
		}},
		"left, and nothing is known":        {is: []func(*judged){green(false)}, result: drain.ResultLeft, app: func(*judged) drain.AppReport { return drain.AppReport{} }},
		"a person":                          {result: drain.ResultPerson, want: "one more run puts it right"},
		"a person, with the command":        {result: drain.ResultPerson, err: func(*judged) error { return errors.New("fly machine uncordon -a app-0 1") }},
		"a person, after somebody's change": {is: []func(*judged){touch}, result: drain.ResultPerson},
		"a lease that it does not name":     {is: []func(*judged){leased("of a dead run")}, result: drain.ResultFailed, want: "it does not say that machine"},
		"a lease that it names":             {is: []func(*judged){leased("of a dead run")}, result: drain.ResultFailed, err: id},
		"a lease of somebody else":          {is: []func(*judged){leased("of another")}, result: drain.ResultFailed},
		"a lease on what it says is cordoned": {is: []func(*judged){leased("of a dead run")}, result: drain.ResultLeft, err: id,
			app: func(j *judged) drain.AppReport { return drain.AppReport{Draining: []string{j.ms[0].ID}, Known: true} }, want: "could not be held, and it says"},
		"a lease that has ended":                                       {is: []func(*judged){leased("of a dead run"), func(j *judged) { j.ms[0].Lease.Until = j.w.Now }}, result: drain.ResultFailed},
		"a lease on green that is held":                                {is: []func(*judged){green(true), func(j *judged) { j.ms[0] = j.ms[2] }, leased("of a dead run")}, result: drain.ResultLeft},
		"a lease that it names, and green is held":                     {is: []func(*judged){green(true), leased("of a dead run")}, result: drain.ResultFailed, err: id, want: "cordoned map[v3:1]"},
		"done, and all of both serve":                                  {is: []func(*judged){green(false), func(j *judged) { j.w.AddMachine("app-0", "app", "iad", image("app-0", "v3")) }}, result: drain.ResultDone, want: "open are map[v1:2 v3:2]"},
		"draining, and nothing serves":                                 {is: []func(*judged){cordon, func(j *judged) { j.ms[0] = j.ms[1] }, cordon}, result: drain.ResultDraining, want: "open are map[], cordoned map[v1:2]"},
		"done, and somebody holds an old one":                          {is: []func(*judged){v3, cordon, touch, func(j *judged) { j.ms[0].Config.Image = "v:v1" }}, result: drain.ResultDone},
		"failed, and nothing serves by somebody":                       {is: []func(*judged){cordon, touch, func(j *judged) { j.ms[0] = j.ms[1] }, cordon, touch}, result: drain.ResultFailed},
		"failed, and an earlier one drains":                            {is: []func(*judged){func(j *judged) { j.w.AddMachine("app-0", "app", "iad", "v:v0").Cordoned = true }}, result: drain.ResultFailed},
		"failed, with the command, and green is held":                  {is: []func(*judged){green(true)}, result: drain.ResultFailed, err: func(*judged) error { return errors.New("fly machine uncordon -a app-0 1") }, want: "cordoned map[v3:1]"},
		"left, and green serves, and it says only that there is green": {is: []func(*judged){green(false)}, result: drain.ResultLeft, app: func(j *judged) drain.AppReport { return drain.AppReport{Green: []string{j.ms[2].ID}, Known: true} }, want: "open are map[v1:2 v3:1]"},
		"left, and another one serves":                                 {is: []func(*judged){green(false)}, result: drain.ResultLeft, app: func(j *judged) drain.AppReport { return drain.AppReport{Serving: []string{j.ms[2].ID}, Known: true} }, want: "open are map[v1:2 v3:1]"},
		"draining":                                                     {is: []func(*judged){newMachines}, result: drain.ResultDraining},
		"draining, and green serves beside the old ones": {is: []func(*judged){green(false)}, result: drain.ResultDraining, app: func(j *judged) drain.AppReport {
			return drain.AppReport{Serving: []string{j.ms[2].ID}, Green: []string{j.ms[2].ID}}
		}, want: "open are map[v1:2 v3:1]"},
		"a person, where much goes wrong":                   {is: []func(*judged){func(j *judged) { j.b.rough = true }}, result: drain.ResultPerson},
		"a person, and both serve, after somebody's change": {is: []func(*judged){green(false), touch}, result: drain.ResultPerson},
		"a lease on what it says may serve":                 {is: []func(*judged){leased("of a dead run"), green(false)}, result: drain.ResultLeft, err: id},
	} {
		t.Run(name, func(t *testing.T) {
			judging(t, c.want, func(j *judged) func() []string {
				for _, is := range c.is {
					is(j)
				}
				report, err := drain.Report{Result: c.result, Apps: []drain.AppReport{{Known: true}}}, no
				if c.result == drain.ResultDone {
					err = nil
				}
				if c.err != nil {
					err = c.err(j)
				}
				if c.app != nil {
					report.Apps[0] = c.app(j)
				}
				report.Apps[0].App = "app-0"
				return func() []string {
					if j.b.truth(report, err); j.b.result != c.result {
						t.Errorf("it ended %s for the judge, not %s", j.b.result, c.result)
					}
					return j.b.wrong
				}
			})
		})
	}
}

// newMachines replaces those of the app by as many of the new release.
func newMachines(j *judged) {
	for _, m := range j.ms {
		j.w.AddMachine("app-0", m.Group(), m.Region, image("app-0", "v3"))
		j.w.Do(draintest.Action{Kind: "destroy", Machine: m.ID})
	}
}

func TestTheJudgeFindsWhatIsUnsettledAtTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		is   func(*judged)
		may  []string
		want string
	}{
		"nothing":                 {func(*judged) {}, []string{"v1", "v3"}, ""},
		"the other image":         {func(*judged) {}, []string{"v3"}, "there are images [v1], and there should be one of [v3]"},
		"two images":              {func(j *judged) { j.ms[1].Config.Image = image("app-0", "v3") }, []string{"v1", "v3"}, "there are images [v1 v3]"},
		"one too many":            {func(j *judged) { j.w.AddMachine("app-0", "app", "iad", j.ms[0].Config.Image) }, []string{"v1"}, `app-0 is ["app=iad" "app=iad" "worker=iad"] and should be ["app=iad" "worker=iad"]`},
		"one is held":             {func(j *judged) { j.ms[0].Cordoned = true }, []string{"v1"}, `"app=iad (started, cordoned: true)"`},
		"one is stopped":          {func(j *judged) { j.ms[0].State = "stopped" }, []string{"v1"}, `"app=iad (stopped, cordoned: false)"`},
		"somebody made one":       {func(j *judged) { j.w.AddMachine("app-0", "app", "iad", j.ms[0].Config.Image); j.b.touched["1"] = true }, []string{"v1"}, ""},
		"somebody stopped one":    {func(j *judged) { j.ms[0].State = "stopped"; j.b.beside = true }, []string{"v1"}, ""},
		"somebody, and it's held": {func(j *judged) { j.ms[0].Cordoned = true; j.b.beside = true }, []string{"v1"}, `"app=iad (started, cordoned: true)"`},
	} {
		t.Run(name, func(t *testing.T) {
			judging(t, c.want, func(j *judged) func() []string {
				c.is(j)
				return func() []string {
					return slices.DeleteFunc([]string{j.b.unsettled(c.may)}, func(s string) bool { return s == "" })
				}
			})
		})
	}
}
