package drain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
)

// TestAMetricThatLagsIsWaitedFor has samples that come two minutes late, as Fly's do. They show
// the connections that landed at the cordon two minutes later, and their end too.
func TestAMetricThatLagsIsWaitedFor(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		m, metrics := s.metrics()
		m.Lag = 2 * time.Minute
		r.Probe = metrics
		s.onEvent(r, drain.EventCordoned, func(e drain.Event) { s.connect("my-app", "app", "iad", 2, 30*time.Minute) })
		begun := time.Now()
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
		if took := time.Since(begun); took < 30*time.Minute || took > 40*time.Minute {
			t.Errorf("done after %v", took)
		}
	})
}

// TestASampleOfBeforeTheCordonDoesNotCount has samples that come late, and not so late that
// they would not be believed: they tell of the time before a connection landed.
func TestASampleOfBeforeTheCordonDoesNotCount(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		m, metrics := s.metrics()
		m.Lag = 15 * time.Second
		r.Probe = metrics
		s.waitsForALateConnection(r)
	})
}

// TestASampleIsNoSecondReadingOfItself has a machine that is idle when it is
// scraped, and at no other time.
func TestASampleIsNoSecondReadingOfItself(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		m, metrics := s.metrics()
		m.Every, metrics.Scrape = time.Minute, time.Minute
		r.Probe = metrics
		s.connect("my-app", "app", "iad", 1, 21*time.Minute)
		blue := ""
		s.world(func(w *draintest.World) { blue = w.Live("my-app")[0].ID })
		s.onEvent(r, drain.EventCordoned, func(e drain.Event) {
			// One sample of each three minutes is a lie, and no two in a row are.
			s.world(func(w *draintest.World) {
				for i := range 7 {
					from := w.Now.Add(time.Duration(i) * 3 * time.Minute)
					m.Samples = append(m.Samples, draintest.BadSample{Machine: blue, From: from, Until: from.Add(time.Minute), Value: "0"})
				}
			})
		})
		begun := time.Now()
		s.deploy(drain.ResultDone, r)
		if time.Since(begun) < 21*time.Minute {
			t.Errorf("done after %v", time.Since(begun))
		}
	})
}

func TestASeriesThatVanishesIsNotZero(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value  string // in place of what would be scraped
		second bool   // there are the sockets, too
		want   drain.Result
		why    string
	}{
		"is unknown":                      {"", false, drain.ResultDraining, "the metrics have no series fly_app_concurrency for this machine"},
		"a second probe settles it":       {"", true, drain.ResultDone, ""},
		"one that is not a number":        {"NaN", false, drain.ResultDraining, "NaN is not a valid number of connections"},
		"one that cannot be":              {"-2", false, drain.ResultDraining, "-2 is not a valid number of connections"},
		"a second probe settles NaN, too": {"NaN", true, drain.ResultDone, ""},
		"the highest count of both":       {"0", true, drain.ResultDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				m, metrics := s.metrics()
				r.Probe = metrics
				if c.second {
					r.Probe = probe.Highest{metrics, probe.Sockets{}}
				} else {
					r.Deadline = 10 * time.Minute
				}
				s.connect("my-app", "app", "iad", 4, 30*time.Minute)
				s.world(func(w *draintest.World) { m.Samples = []draintest.BadSample{{Value: c.value}} })
				begun := time.Now()
				s.deploy(c.want, r)
				if c.want == drain.ResultDone && time.Since(begun) < 30*time.Minute {
					t.Errorf("done after %v", time.Since(begun))
				}
				if c.why != "" && !slices.ContainsFunc(s.readings(""), func(e drain.Event) bool { return e.Reading.Why() == c.why }) {
					t.Errorf("nobody was told why: %v", s.readings(""))
				}
			})
		})
	}
}

func TestMetricsThatFailForAWhileEndNoDrain(t *testing.T) {
	for name, bad := range map[string]draintest.BadAnswer{
		"a fault":             {Status: 503, Times: 5},
		"a refusal":           {Status: 429, Times: 5},
		"another token":       {Status: 403, Times: 5},
		"cut off":             {Keep: 300, Times: 5},
		"a web page":          {Body: "<html>", Times: 5},
		"in part":             {Body: `{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}`, Times: 5},
		"too late":            {Slow: time.Minute, Times: 5},
		"every now and again": {Status: 500, Skip: 2, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				m, metrics := s.metrics()
				r.Probe = metrics
				s.connect("my-app", "app", "iad", 4, 10*time.Minute)
				s.world(func(w *draintest.World) { m.Answers = []*draintest.BadAnswer{&bad} })
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", v2...)
				if !slices.ContainsFunc(s.readings(""), func(e drain.Event) bool { return e.Reading.Why() != "" }) || m.Asked < bad.Skip+bad.Times {
					t.Errorf("%d answers, none of which was bad", m.Asked)
				}
			})
		})
	}
}
