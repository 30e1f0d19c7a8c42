package idle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

var t0 = time.Unix(1795375990, 0)

// s is a time in seconds.
func s(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// rules are those of an app by default.
var rules = Watch{Settle: s(10), Confirm: s(2), Poll: s(5), ListEvery: s(1)}

func with(change func(*Watch)) Watch {
	w := rules
	change(&w)
	return w
}

type mod func(*fleet.Machine)

// row is a cordoned machine that runs, in iad, with one service.
func row(id string, mods ...mod) *fleet.Machine {
	m := &fleet.Machine{Machine: flyctl.Machine{ID: id, State: "started", Region: "iad", Cordoned: true, Config: flyctl.Config{
		Metadata: map[string]string{"fly_process_group": "app", "fly_platform_version": "v2"}, Services: make([]flyctl.Service, 1)}}}
	for _, mod := range mods {
		mod(m)
	}
	return m
}

func open(m *fleet.Machine)       { m.Cordoned = false }
func thin(m *fleet.Machine)       { m.Thin = true }
func worker(m *fleet.Machine)     { m.Config.Services = nil }
func unmanaged(m *fleet.Machine)  { m.Config.Metadata = nil }
func autostarts(m *fleet.Machine) { m.Config.Services[0].Autostart = true }
func state(state string) mod      { return func(m *fleet.Machine) { m.State = state } }
func host(status string) mod      { return func(m *fleet.Machine) { m.HostStatus = status } }
func in(region string) mod        { return func(m *fleet.Machine) { m.Region = region } }

// m is a list of the one machine that most tests are about.
func m(mods ...mod) fleet.List { return fleet.List{row("m", mods...)} }

// other is a list of another machine.
func other(mods ...mod) fleet.List { return fleet.List{row("other", mods...)} }

var unknown = probe.Unknown("no cat")

// sample is a count that was taken at a time of its own.
func sample(n int, at float64) probe.Reading { return probe.KnownAt(n, t0.Add(s(at)), s(15)) }

// poll is one list, and the readings that it asked for.
type poll struct {
	at    float64 // seconds after t0
	list  fleet.List
	read  map[string]probe.Reading
	takes float64 // until the readings are there
	ask   string  // the machines that are asked about
	news  string
	next  float64 // seconds after t0; 0 is never
}

func known(n int) map[string]probe.Reading          { return says(probe.Known(n)) }
func says(r probe.Reading) map[string]probe.Reading { return map[string]probe.Reading{"m": r} }

// watch is what is played: the polls of a watch, and when this run cordoned machines.
type watch struct {
	rules Watch
	given map[string]float64
	polls []poll
}

// tables plays each on a watch of the machine m.
func tables(t *testing.T, all map[string]watch) {
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			c.rules.Add("m", t0)
			play(t, &c.rules, c.given, c.polls)
		})
	}
}

// play plays polls on a watch of machines. This run has cordoned some of them.
func play(t *testing.T, w *Watch, given map[string]float64, polls []poll) {
	t.Helper()
	cordoned := func(id string) time.Time {
		if at, ours := given[id]; ours {
			return t0.Add(s(at))
		}
		return time.Time{}
	}
	for _, p := range polls {
		now := t0.Add(s(p.at))
		ask := w.List(p.list, cordoned, now)
		news := tell(w.News)
		if len(ask) > 0 {
			w.Read(p.read, now, now.Add(s(p.takes)))
			news = append(news, tell(w.News)...)
		}
		next := 0.0
		if w.Next() != Never {
			next = w.Next().Sub(t0).Seconds()
		}
		got := fmt.Sprintf("ask %q, news %q, next %v", strings.Join(ask.IDs(), " "), strings.Join(news, ", "), next)
		if want := fmt.Sprintf("ask %q, news %q, next %v", p.ask, p.news, p.next); got != want {
			t.Errorf("at %v s:\n got %s\nwant %s", p.at, got, want)
		}
	}
}

func tell(news []News) (out []string) {
	for _, n := range news {
		text := n.Row.ID
		if n.Changed {
			text += " " + n.Reading.String()
		}
		if n.Verdict != "" {
			text += " " + string(n.Verdict)
		}
		out = append(out, text)
	}
	return out
}

// TestAMachineIsIdleOnTwoReadingsAfterTheSettleTime has cordons that were settled when the wait began ("given"), and others.
func TestAMachineIsIdleOnTwoReadingsAfterTheSettleTime(t *testing.T) {
	given := map[string]float64{"m": -10}
	tables(t, map[string]watch{
		"idle on two readings after the settle time, 2 s apart": {rules, nil, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 10},
			{10, m(), known(0), 0, "m", "", 12},
			{12, m(), known(0), 0, "m", "m idle", 0},
		}},
		"a reading a moment before the settle time does not count": {rules, nil, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 10},
			{10, m(), known(0), 0, "m", "", 12},
			{11, other(), nil, 0, "", "", 12},
			{12, m(), known(0), 0, "m", "", 14},
			{14, m(), known(0), 0, "m", "m idle", 0},
		}},
		"a reading that began before the settle time does not count": {rules, nil, []poll{
			{0, m(), known(1), 0, "m", "m 1 connection", 5},
			{9, m(), known(0), 3, "m", "m 0 connections", 14},
			{14, m(), known(0), 0, "m", "", 16},
			{16, m(), known(0), 0, "m", "m idle", 0},
		}},
		"the settle time is from this run's cordon": {rules, map[string]float64{"m": -7}, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 3},
			{3, m(), known(0), 0, "m", "", 5},
			{5, m(), known(0), 0, "m", "m idle", 0},
		}},
		"a second cordon by this run starts it again": {rules, map[string]float64{"m": 11}, []poll{
			{12, m(), known(0), 0, "m", "m 0 connections", 21},
			{21, m(), known(0), 0, "m", "", 23},
			{23, m(), known(0), 0, "m", "m idle", 0},
		}},
		"the second reading comes 2 s after the end of the first": {rules, given, []poll{
			{0, m(), known(0), 3, "m", "m 0 connections", 5},
			{4, m(), nil, 0, "", "", 5},
			{5, m(), known(0), 1, "m", "m idle", 0},
		}},
		"unknown between two readings": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{2, m(), says(unknown), 0, "m", "m unknown: no cat", 5},
			{7, m(), known(0), 0, "m", "m 0 connections", 9},
			{9, m(), known(0), 0, "m", "m idle", 0},
		}},
		"a machine that no probe answered for is unknown": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{2, m(), nil, 0, "m", "m unknown: the probe did not answer", 5},
			{7, m(), known(0), 0, "m", "m 0 connections", 9},
			{9, m(), known(0), 0, "m", "m idle", 0},
		}},
		"a connection between two readings": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{2, m(), known(1), 0, "m", "m 1 connection", 5},
			{7, m(), known(0), 0, "m", "m 0 connections", 9},
			{9, m(), known(0), 0, "m", "m idle", 0},
		}},
		"as many connections as the limit": {with(func(w *Watch) { w.Limit = 3 }), given, []poll{
			{0, m(), known(4), 0, "m", "m 4 connections", 5},
			{5, m(), known(3), 0, "m", "m 3 connections", 7},
			{7, m(), known(3), 0, "m", "m idle", 0},
		}},
		"a list that could not be had": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{2, nil, nil, 0, "", "", 7},
			{7, m(), known(0), 0, "m", "", 9},
			{9, m(), known(0), 0, "m", "m idle", 0},
		}},
		"an empty list for an hour": {rules, given, []poll{
			{0, m(), known(0), 0, "m", "m 0 connections", 2},
			{2, fleet.List{}, nil, 0, "", "", 7},
			{7, fleet.List{}, nil, 0, "", "", 12},
			{3600, fleet.List{}, nil, 0, "", "", 3605},
			{3605, m(), known(0), 0, "m", "", 3607},
		}},
	})
}

func TestASampleCountsFromTheTimeItWasTaken(t *testing.T) {
	tables(t, map[string]watch{
		"a sample from before the settle time": {rules, nil, []poll{
			{0, m(), says(sample(0, -4)), 0, "m", "m 0 connections", 15},
			{15, m(), says(sample(0, 9)), 0, "m", "", 30},
			{30, m(), says(sample(0, 24)), 0, "m", "", 45},
			{45, m(), says(sample(0, 39)), 0, "m", "m idle", 0},
		}},
		"a sample does not confirm itself": {rules, map[string]float64{"m": -20}, []poll{
			{0, m(), says(sample(0, -4)), 0, "m", "m 0 connections", 15},
			{15, m(), says(sample(0, -4)), 0, "m", "", 30},
			{30, m(), says(sample(0, 26)), 0, "m", "m idle", 0},
		}},
		"nor where none need come between": {with(func(w *Watch) { w.Confirm = 0 }), map[string]float64{"m": -20}, []poll{
			{0, m(), says(sample(0, -4)), 0, "m", "m 0 connections", 15},
			{15, m(), says(sample(0, -4)), 0, "m", "", 30},
			{30, m(), says(sample(0, 26)), 0, "m", "m idle", 0},
		}},
		"nor by a clock that is ahead": {rules, map[string]float64{"m": -20}, []poll{
			{0, m(), says(sample(0, 4)), 0, "m", "m 0 connections", 15},
			{15, m(), says(sample(0, 4)), 0, "m", "", 30},
			{30, m(), says(sample(0, 34)), 0, "m", "m idle", 0},
		}},
		"a sample from before the settle time, by a clock that is ahead": {rules, map[string]float64{"m": -8}, []poll{
			{0, m(), says(sample(0, 4)), 0, "m", "m 0 connections", 15},
			{15, m(), says(sample(0, 19)), 0, "m", "", 30},
			{30, m(), says(sample(0, 34)), 0, "m", "m idle", 0},
		}},
		"a sample less than 2 s after the first": {rules, map[string]float64{"m": -20}, []poll{
			{0, m(), says(sample(0, -4)), 0, "m", "m 0 connections", 15},
			{15, m(), says(sample(0, -3)), 0, "m", "", 30},
		}},
		"a source that counts more often than 2 s": {rules, map[string]float64{"m": -20}, []poll{
			{0, m(), says(probe.KnownAt(0, t0, 0)), 0, "m", "m 0 connections", 2},
		}},
	})
}

func TestALimitIsANumberOrTheLowestSoftLimitOfConnections(t *testing.T) {
	service := func(kind string, soft int) (s flyctl.Service) {
		s.Concurrency.Type, s.Concurrency.SoftLimit, s.Concurrency.HardLimit = kind, soft, soft+5
		return s
	}
	all := func(services ...flyctl.Service) []flyctl.Service { return services }
	own, seven := Watch{SoftLimit: true}, Watch{Limit: 7}
	for name, c := range map[string]struct {
		rules    Watch
		services []flyctl.Service
		want     int
	}{
		"none":                            {Watch{}, all(service("connections", 20)), 0},
		"a number":                        {seven, all(service("connections", 20)), 7},
		"a number, of two services":       {seven, all(service("connections", 20), service("connections", 5)), 7},
		"a number, whatever it serves":    {seven, all(service("requests", 20)), 7},
		"its own":                         {own, all(service("connections", 20)), 20},
		"its own, and connections unsaid": {own, all(service("", 20)), 20},
		"of several services the least":   {own, all(service("connections", 20), service("connections", 5)), 5},
		"a service that has none":         {own, all(service("connections", 20), service("", 0)), 0},
		"requests are not connections":    {own, all(service("requests", 250)), 0},
		"of both kinds":                   {own, all(service("connections", 20), service("requests", 250)), 0},
		"one that cannot be":              {own, all(service("connections", -1)), 0},
		"a worker's own":                  {own, nil, 0},
		"a worker's jobs":                 {seven, nil, 0},
	} {
		if got := c.rules.limit(&fleet.Machine{Machine: flyctl.Machine{Config: flyctl.Config{Services: c.services}}}); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestNewsSaysTheRowTheReadingTheLimitAndTheDeadline(t *testing.T) {
	w := with(func(w *Watch) { w.Limit, w.Deadline = 3, s(3600) })
	w.Add("m", t0)
	l := m()
	w.List(l, func(string) time.Time { return time.Time{} }, t0)
	w.Read(known(4), t0, t0)
	if n := w.News[0]; len(w.News) != 1 || n.Row != l[0] || n.Limit != 3 || !n.Until.Equal(t0.Add(time.Hour)) || n.Reading != probe.Known(4) || !n.Changed || n.Verdict != "" {
		t.Errorf("%+v", w.News)
	}
	w = rules
	w.Add("m", t0)
	w.List(m(thin), func(string) time.Time { return time.Time{} }, t0)
	if n := w.News[0]; n.Until != Never {
		t.Errorf("%+v", n)
	}
}
