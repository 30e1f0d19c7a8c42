package draintest

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Metrics is a simulated Prometheus that has the gauge fly_app_concurrency of a
// Fly's machines. It answers /api/v1/query, and nothing but the selector with a
// range that package probe asks for, without a network, as the Transport of an
// [http.Client]. What it tells counts as a look of a probe, for
// rule S4. The exported fields may be changed inside [Fly.Do] while it is at work.
type Metrics struct {
	Fly     *Fly
	Every   time.Duration // between two scrapes; 0 is 15 s
	Lag     time.Duration // from a scrape until it can be asked for
	Proxies int           // series a machine has, 1 or 2; 0 is 1
	Token   string        // the Authorization header that is wanted; "" is any
	Samples []BadSample
	Answers []*BadAnswer

	Asked int // requests so far

	scraped map[string][]scrape // by machine, oldest first
}

// A BadSample is what is scraped of a machine in place of the truth.
type BadSample struct {
	Machine     string    // "" is any
	From, Until time.Time // zero is always
	Value       string    // NaN, -1, 2.5, 0 …; "" means no sample at all
}

// A BadAnswer is a request that goes wrong: not the first Skip, then Times of
// them; 0 is all.
type BadAnswer struct {
	Skip, Times int
	Status      int           // in place of 200
	Body        string        // in place of the samples
	Keep        int           // this many bytes of the answer, and no more
	Slow        time.Duration // until it comes

	seen int
}

type scrape struct {
	at     time.Time
	values []string
}

// Run scrapes until the context ends.
func (m *Metrics) Run(ctx context.Context) {
	for m.Fly.Do(m.scrape); wait(ctx, m.every()) == nil; m.Fly.Do(m.scrape) {
	}
}

func (m *Metrics) every() time.Duration { return cmp.Or(m.Every, 15*time.Second) }

func (m *Metrics) proxies() int { return min(max(m.Proxies, 1), 2) }

func (m *Metrics) scrape(w *World) {
	if m.scraped == nil {
		m.scraped = map[string][]scrape{}
	}
	for id, old := range m.scraped {
		if w.Machine(id) == nil && w.Now.Sub(old[len(old)-1].at) > time.Hour {
			delete(m.scraped, id)
		}
	}
	for app := range w.Apps {
		for _, machine := range w.Live(app) {
			if machine.State == "started" && len(machine.Config.Services) > 0 {
				m.sample(w.Now, machine)
			}
		}
	}
}

func (m *Metrics) sample(now time.Time, machine *Machine) {
	values := make([]string, m.proxies())
	for i := range values {
		values[i] = strconv.Itoa((len(machine.conns) + i) / len(values))
	}
	for _, bad := range m.Samples {
		if (bad.Machine == "" || bad.Machine == machine.ID) && !now.Before(bad.From) && (bad.Until.IsZero() || now.Before(bad.Until)) {
			if bad.Value == "" {
				return
			}
			values[0] = bad.Value
		}
	}
	old := m.scraped[machine.ID]
	for len(old) > 0 && now.Sub(old[0].at) > m.Lag+10*m.every() {
		old = old[1:]
	}
	m.scraped[machine.ID] = append(old, scrape{now, values})
}

// RoundTrip answers a query without a network.
func (m *Metrics) RoundTrip(req *http.Request) (*http.Response, error) {
	var bad BadAnswer
	m.Fly.Do(func(*World) {
		m.Asked++
		for _, b := range m.Answers {
			if b.seen++; b.seen > b.Skip && (b.Times == 0 || b.seen <= b.Skip+b.Times) {
				bad = *b
			}
		}
	})
	if err := wait(req.Context(), bad.Slow); err != nil {
		return nil, err
	}
	status, body := http.StatusNotFound, "404 page not found"
	m.Fly.Do(func(w *World) {
		switch {
		case m.Token != "" && req.Header.Get("Authorization") != m.Token:
			status, body = http.StatusUnauthorized, ""
		case strings.HasSuffix(req.URL.Path, "/api/v1/query"):
			status, body = m.query(w, req.FormValue("query"), bad)
		}
	})
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(status)
	_, err := answer.WriteString(body)
	return answer.Result(), err
}

var selector = regexp.MustCompile(`^fly_app_concurrency\{app="([^"]+)"(?:,instance=~"([^"]*)")?\}\[(\d+)ms\]$`)

// query returns the samples of a selector with a range, as they were scraped.
func (m *Metrics) query(w *World, query string, bad BadAnswer) (int, string) {
	parts := selector.FindStringSubmatch(query)
	if parts == nil {
		return http.StatusBadRequest, asJSON(map[string]string{"status": "error", "errorType": "bad_data", "error": "parse error: unexpected " + query})
	}
	ids := strings.Split(parts[2], "|")
	if parts[2] == "" && w.Apps[parts[1]] != nil {
		ids = w.Apps[parts[1]].Machines
	}
	ms, _ := strconv.Atoi(parts[3]) // digits, as matched
	newest := w.Now.Add(-m.Lag)
	oldest := w.Now.Add(-time.Duration(ms) * time.Millisecond)
	spoilt := bad.Status != 0 || bad.Body != "" || bad.Keep != 0
	series := []any{}
	for _, id := range ids {
		machine := w.Machines[id]
		if machine == nil || machine.App != parts[1] {
			continue
		}
		seen := slices.DeleteFunc(slices.Clone(m.scraped[id]), func(s scrape) bool { return s.at.After(newest) || !s.at.After(oldest) })
		for i := 0; i < m.proxies() && len(seen) > 0; i++ {
			series = append(series, m.series(machine, i, seen))
		}
		n, known := m.told(w.Now, seen)
		w.Looked(id, known && !spoilt, n)
	}
	body := cmp.Or(bad.Body, asJSON(map[string]any{"status": "success", "data": map[string]any{"resultType": "matrix", "result": series}}))
	if bad.Keep > 0 {
		body = body[:min(bad.Keep, len(body))]
	}
	return max(bad.Status, http.StatusOK), body
}

// asJSON is for strings and numbers, which can be marshalled.
func asJSON(v any) string { data, _ := json.Marshal(v); return string(data) }

// series is what one proxy has of a machine.
func (m *Metrics) series(machine *Machine, proxy int, seen []scrape) any {
	values := make([][2]any, len(seen))
	for i, s := range seen {
		values[i] = [2]any{float64(s.at.UnixMilli()) / 1000, s.values[proxy]}
	}
	return map[string]any{"values": values, "metric": map[string]string{"__name__": "fly_app_concurrency", "app": machine.App,
		"host": "4d2e", "instance": machine.ID, "proxy_id": []string{"blue", "green"}[proxy], "region": machine.Region}}
}

// told is what samples say to somebody who believes none older than 5 minutes.
func (m *Metrics) told(now time.Time, seen []scrape) (n int, known bool) {
	if len(seen) == 0 || now.Sub(seen[len(seen)-1].at) > 5*time.Minute {
		return 0, false
	}
	for _, value := range seen[len(seen)-1].values {
		v, err := strconv.Atoi(value)
		if err != nil || v < 0 {
			return 0, false
		}
		n += v
	}
	return n, true
}
