package drain

import (
	"fmt"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestWithHowManyConnectionsAMachineIsIdle(t *testing.T) {
	service := func(kind string, soft int) flyctl.Service {
		return flyctl.Service{Concurrency: flyctl.Concurrency{Type: kind, SoftLimit: soft, HardLimit: soft + 5}}
	}
	all := func(services ...flyctl.Service) []flyctl.Service { return services }
	for name, c := range map[string]struct {
		settings Settings
		services []flyctl.Service
		want     int
	}{
		"none":                            {Settings{}, all(service("connections", 20)), 0},
		"a number":                        {Settings{Limit: 7}, all(service("connections", 20)), 7},
		"a number, whatever it serves":    {Settings{Limit: 7}, all(service("requests", 20)), 7},
		"its own":                         {Settings{SoftLimit: true}, all(service("connections", 20)), 20},
		"its own, and connections unsaid": {Settings{SoftLimit: true}, all(service("", 20)), 20},
		"of several services the least":   {Settings{SoftLimit: true}, all(service("connections", 20), service("connections", 5)), 5},
		"a service that has none":         {Settings{SoftLimit: true}, all(service("connections", 20), service("", 0)), 0},
		"requests are no connections":     {Settings{SoftLimit: true}, all(service("requests", 250)), 0},
		"of both kinds":                   {Settings{SoftLimit: true}, all(service("connections", 20), service("requests", 250)), 0},
		"one that cannot be":              {Settings{SoftLimit: true}, all(service("connections", -1)), 0},
		"a worker's own":                  {Settings{SoftLimit: true}, nil, 0},
		"a worker's jobs":                 {Settings{Limit: 7}, nil, 0},
	} {
		r := New("my-app")
		r.Settings = c.settings
		w := &watch{app: atWork(t, r)}
		if got := w.limit(flyctl.Machine{Config: flyctl.Config{Services: c.services}}); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// atWork returns the only app of a release as a run has it.
func atWork(t testing.TB, r Release) *app {
	t.Helper()
	r, err := r.resolved()
	if err != nil {
		t.Fatal(err)
	}
	return newApp(r, r.Apps[0], &listener{tell: r.Events}, nil)
}

func TestHowLongUntilTheNextLook(t *testing.T) {
	for _, c := range []struct {
		machines, rows, left int
		still, want          time.Duration
	}{
		{1, 2, 1, 0, 5 * time.Second},
		{1, 2, 19, 0, 5 * time.Second},
		{1, 2, 40, 0, 20 * time.Second},
		{1, 2, 1 << 30, 0, time.Minute},
		{1, 2, 1, 10 * time.Minute, 30 * time.Second},
		{1, 2, 1, 30 * time.Hour, time.Minute},
		{1, 2, -3, 0, 5 * time.Second}, // unknown
		{20, 40, 1, 0, 5 * time.Second},
		{100, 200, 1, 0, 25 * time.Second},
		{1000, 1000, 1, 0, 250 * time.Second},
		{1000, 1000, 1 << 30, 30 * time.Hour, 250 * time.Second},
		{1, 1000, 1, 0, 50 * time.Second},
	} {
		w := &watch{app: atWork(t, New("my-app")), machines: map[string]*watched{}, rows: c.rows}
		for i := range c.machines {
			w.machines[fmt.Sprint(i)] = nil
		}
		if got := w.pause(c.left, c.still); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestAnIdleMachineIsLookedAtAgainWhenThereCanBeANewCount(t *testing.T) {
	now := time.Unix(1795375990, 0)
	sampled := now.Add(-4 * time.Second)
	for name, c := range map[string]struct {
		reading probe.Reading
		want    time.Duration
	}{
		"a count of now":                  {probe.Known(0), 2 * time.Second},
		"a sample of each 15 seconds":     {probe.KnownAt(0, sampled, 15*time.Second), 15 * time.Second},
		"a sample of each minute":         {probe.KnownAt(0, sampled, time.Minute), time.Minute},
		"a sample of who knows how often": {probe.KnownAt(0, sampled, 0), 2 * time.Second},
	} {
		w, m := &watch{app: atWork(t, New("my-app")), machines: map[string]*watched{}}, &watched{}
		w.judge(flyctl.Machine{Config: flyctl.Config{Services: make([]flyctl.Service, 1)}}, m, c.reading, now, now)
		if got := m.next.Sub(now); got != c.want || !m.idleAt.Equal(now) && !m.idleAt.Equal(sampled) {
			t.Errorf("%s: in %v, want %v; idle at %v", name, got, c.want, m.idleAt)
		}
	}
}
