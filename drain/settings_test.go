package drain

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

var (
	defaults = Settings{HealthTimeout: 5 * time.Minute, Smoke: 10 * time.Second, Settle: 10 * time.Second, Confirm: 2 * time.Second,
		Poll: 5 * time.Second, AtDeadline: KeepMachine, StopPause: 10 * time.Second, Probe: probe.Sockets{}}
	forAll = Settings{HealthTimeout: time.Hour, Smoke: 2 * time.Hour, Settle: 3 * time.Hour, Confirm: 4 * time.Hour,
		Poll: 5 * time.Hour, Deadline: 6 * time.Hour, AtDeadline: StopMachine, StopPause: 7 * time.Hour, OnDrain: "all", Container: "all", Limit: 7, Probe: probe.Exec{Command: "all"}, WorkerProbe: probe.Exec{Command: "all"}}
	forOne = Settings{HealthTimeout: time.Minute, Smoke: 2 * time.Minute, Settle: 3 * time.Minute, Confirm: 4 * time.Minute,
		Poll: 5 * time.Minute, Deadline: 6 * time.Minute, AtDeadline: KeepMachine, StopPause: 7 * time.Minute, OnDrain: "one", Container: "one", Limit: 17, SoftLimit: true, Probe: probe.Exec{Command: "one"}, WorkerProbe: probe.Exec{Command: "one"}}
)

// resolve returns a release with its defaults filled in.
func resolve(t *testing.T, r Release) Release {
	t.Helper()
	r, err := r.resolved()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnAppsSettingWinsOverTheReleasesAndThatOverTheDefault(t *testing.T) {
	r := New("a")
	if got := resolve(t, r); got.Apps[0].Settings != defaults || got.Propagation != 10*time.Second || got.ListEvery != time.Second || got.Bake != 0 {
		t.Errorf("by default: %+v", got)
	}
	r.Settings = forAll
	if got := resolve(t, r).Apps[0].Settings; got != forAll {
		t.Errorf("of the release: %+v", got)
	}
	kind := reflect.TypeFor[Settings]()
	for i := range kind.NumField() {
		want := forAll
		for _, s := range []*Settings{&want, &r.Apps[0].Settings} {
			reflect.ValueOf(s).Elem().Field(i).Set(reflect.ValueOf(forOne).Field(i))
		}
		if kind.Field(i).Name == "SoftLimit" {
			want.Limit = 0 // it is in place of Limit
		}
		if got := resolve(t, r).Apps[0].Settings; got != want {
			t.Errorf("its own %s:\ngot  %+v\nwant %+v", kind.Field(i).Name, got, want)
		}
		r.Apps[0].Settings = Settings{}
	}
	r.Settings, r.Apps[0].Settings = Settings{SoftLimit: true}, Settings{Limit: 3}
	if got := resolve(t, r).Apps[0]; got.SoftLimit || got.Limit != 3 {
		t.Errorf("a limit of its own: %+v", got.Settings)
	}
	if r.Settings != (Settings{SoftLimit: true}) || r.Apps[0].Settings != (Settings{Limit: 3}) {
		t.Errorf("the release was written to: %+v", r)
	}
}

func TestTheSettleTimeIsNotShorterThanThePropagationTimeUnlessItIsSet(t *testing.T) {
	for _, c := range []struct{ propagation, settle, want time.Duration }{
		{0, 0, 10 * time.Second},
		{20 * time.Second, 0, 20 * time.Second},
		{None, 0, 10 * time.Second},
		{20 * time.Second, 5 * time.Second, 5 * time.Second},
		{20 * time.Second, None, 0},
	} {
		r := New("a")
		r.Propagation, r.Settle = c.propagation, c.settle
		if got := resolve(t, r).Apps[0].Settle; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// durations are the fields of a struct that are durations.
func durations(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		if f := of.Field(i); f.Type == reflect.TypeFor[time.Duration]() {
			names = append(names, f.Name)
		}
	}
	return names
}

func duration(of any, name string) *time.Duration {
	return reflect.ValueOf(of).Elem().FieldByName(name).Addr().Interface().(*time.Duration)
}

func TestNoneIsNoWait(t *testing.T) {
	for _, name := range append(durations(reflect.TypeFor[Settings]()), "Propagation", "Bake") {
		r := New("a")
		*duration(&r, name) = None
		want := time.Duration(0)
		if name == "Deadline" {
			want = None // zero would be no deadline, and this is one that has passed
		}
		got := resolve(t, r)
		if d := *duration(&got, name); name == "Propagation" || name == "Bake" {
			if d != want {
				t.Errorf("%s: %v", name, d)
			}
			continue
		}
		if d := *duration(&got.Apps[0], name); d != want {
			t.Errorf("%s: %v", name, d)
		}
		*duration(&r, name), *duration(&r.Apps[0], name) = time.Hour, None
		got = resolve(t, r)
		if d := *duration(&got.Apps[0], name); d != want {
			t.Errorf("an app's %s: %v", name, d)
		}
	}
}

// TestASettingThatIsNotValidIsWrongUsage runs nothing for one, and says which it is.
func TestASettingThatIsNotValidIsWrongUsage(t *testing.T) {
	type wrong struct {
		says []string
		set  func(*Release)
	}
	wrongs := map[string]wrong{
		"no app":       {[]string{"without apps"}, func(r *Release) { r.Apps = nil }},
		"an app twice": {[]string{"web", "twice"}, func(r *Release) { r.Apps = append(r.Apps, App{Name: "web"}) }},
		"Limit":        {[]string{"the release: Limit must not be negative: -5"}, func(r *Release) { r.Limit = -5 }},
		"app Limit":    {[]string{"web: Limit must not be negative: -5"}, func(r *Release) { r.Apps[0].Limit = -5 }},
		"MaxDraining":  {[]string{"MaxDraining must not be negative: -1"}, func(r *Release) { r.MaxDraining = -1 }},
		"AtDeadline":   {[]string{"AtDeadline must be KeepMachine or StopMachine"}, func(r *Release) { r.AtDeadline = 3 }},
		"OnDrain":      {[]string{"the release: OnDrain: ", "--app"}, func(r *Release) { r.OnDrain = "--app" }},
		"Container":    {[]string{"the release: OnDrain: ", "invalid container name", "--app"}, func(r *Release) { r.Container = "--app" }},
		"Image":        {[]string{"-x"}, func(r *Release) { r.Apps[0].Image = "-x" }},
		"Args":         {[]string{"--app"}, func(r *Release) { r.Apps[0].Args = []string{"--app", "other"} }},
	}
	for _, name := range durations(reflect.TypeFor[Release]()) {
		wrongs[name] = wrong{[]string{"the release: " + name + " must not be negative: -2s"}, func(r *Release) { *duration(r, name) = -2 * time.Second }}
	}
	for _, name := range durations(reflect.TypeFor[Settings]()) {
		wrongs[name] = wrong{[]string{"the release: " + name + " must not be negative: -2s"}, func(r *Release) { *duration(r, name) = -2 * time.Second }}
		wrongs["app "+name] = wrong{[]string{"web: " + name + " must not be negative: -2s"}, func(r *Release) { *duration(&r.Apps[0], name) = -2 * time.Second }}
	}
	if len(wrongs) != 10+3+2*7 {
		t.Errorf("%d settings: is there a new duration?", len(wrongs))
	}
	for name, c := range wrongs {
		t.Run(name, func(t *testing.T) {
			ctx, r, runs := t.Context(), New("web"), 0
			r.Flyctl = func(context.Context, flyctl.Command) (flyctl.Result, error) {
				runs++
				return flyctl.Result{}, errors.New("it ran")
			}
			c.set(&r)
			report, err := r.Deploy(ctx)
			if report.Result != ResultUsage || report.ExitCode() != 2 || report.String() != "wrong usage: nothing was begun" || report.Why != err.Error() {
				t.Errorf("%+v", report)
			}
			_, planned := r.Plan(ctx, opDeploy)
			s := r.Steps(ctx)
			for _, err := range []error{err, planned, Run(s.Blue()), Run(s.Green("")), Run(s.Machines(), s.Cordon, s.Destroy)} {
				if !errors.Is(err, flyctl.ErrUsage) {
					t.Errorf("%v", err)
					continue
				}
				for _, text := range c.says {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("%v does not say %q", err, text)
					}
				}
			}
			if runs > 0 {
				t.Errorf("flyctl was run %d times", runs)
			}
		})
	}
}
