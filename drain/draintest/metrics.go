package draintest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Metrics is a simulated Prometheus that has the gauge fly_app_concurrency of a
// Fly's machines. It answers /api/v1/query, and nothing but the selector with a
// range that package probe asks for; as an [http.Handler], or without a network as
// the Transport of an [http.Client]. What it tells counts as a look of a probe, for
// rule S4. The exported fields may be changed inside [Fly.Do] while it is at work.
type Metrics struct {
	Fly     *Fly
	Every   time.Duration // between two scrapes; 0 is 15 s
	Lag     time.Duration // from a scrape until it can be asked for
	Proxies int           // series a machine has, 1 or 2; 0 is 1
	Token   string        // the Authorization header that is wanted; "" is any
	Samples []BadSample
	Answers []*BadAnswer

	Asked   int    // requests so far
	LastAsk string // the query of the last one

	scraped map[string][]scrape // by machine, oldest first
}

// A BadSample is what is scraped of a machine in place of the truth.
type BadSample struct {
	Machine     string    // "" is any
	From, Until time.Time // zero is always
	Value       string    // NaN, -1, 2.5, 0 …; "" is no sample at all
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
	for {
		m.Fly.Do(m.scrape)
		select {
		case <-ctx.Done():
			return
		case <-time.After(m.every()):
		}
	}
}

func (m *Metrics) every() time.Duration {
	if m.Every == 0 {
		return 15 * time.Second
	}
	return m.Every
}

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
	n := min(max(m.Proxies, 1), 2)
	values := make([]string, n)
	for i := range n {
		values[i] = strconv.Itoa((len(machine.conns) + i) / n)
	}
	for _, bad := range m.Samples {
		if bad.strikes(machine.ID, now) {
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

func (b BadSample) strikes(id string, now time.Time) bool {
	return (b.Machine == "" || b.Machine == id) && !now.Before(b.From) && (b.Until.IsZero() || now.Before(b.Until))
}

// ServeHTTP answers a query.
func (m *Metrics) ServeHTTP(out http.ResponseWriter, req *http.Request) {
	status, body := m.answer(req)
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_, _ = io.WriteString(out, body) // a client that has gone has its own error
}

// RoundTrip answers a query without a network.
func (m *Metrics) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := m.answer(req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: req,
	}, nil
}

func (m *Metrics) answer(req *http.Request) (status int, body string) {
	query := req.FormValue("query")
	var bad BadAnswer
	m.Fly.Do(func(w *World) {
		m.Asked, m.LastAsk = m.Asked+1, query
		for _, b := range m.Answers {
			if b.seen++; b.seen > b.Skip && (b.Times == 0 || b.seen <= b.Skip+b.Times) {
				bad = *b
			}
		}
	})
	select {
	case <-time.After(bad.Slow):
	case <-req.Context().Done():
	}
	m.Fly.Do(func(w *World) {
		switch {
		case !strings.HasSuffix(req.URL.Path, "/api/v1/query"):
			status, body = http.StatusNotFound, "404 page not found"
		case m.Token != "" && req.Header.Get("Authorization") != m.Token:
			status, body = http.StatusUnauthorized, ""
		default:
			status, body = m.query(w, query, bad)
		}
	})
	return status, body
}

var selector = regexp.MustCompile(`^fly_app_concurrency\{app="([^"]+)"(?:,instance=~"([^"]*)")?\}\[(\d+)ms\]$`)

// query returns the samples of a selector with a range, as they were scraped.
func (m *Metrics) query(w *World, query string, bad BadAnswer) (int, string) {
	parts := selector.FindStringSubmatch(query)
	if parts == nil {
		text, _ := json.Marshal("parse error: unexpected " + query) // a string can be marshalled
		return http.StatusBadRequest, `{"status":"error","errorType":"bad_data","error":` + string(text) + `}`
	}
	ids := strings.Split(parts[2], "|")
	if parts[2] == "" {
		ids = nil
		for _, machine := range w.Live(parts[1]) {
			ids = append(ids, machine.ID)
		}
	}
	ms, _ := strconv.Atoi(parts[3]) // digits, as matched
	newest := w.Now.Add(-m.Lag)
	oldest := w.Now.Add(-time.Duration(ms) * time.Millisecond)
	spoilt := bad.Status != 0 || bad.Body != "" || bad.Keep != 0
	var b strings.Builder
	b.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	for _, id := range ids {
		machine := w.Machines[id]
		if machine == nil || machine.App != parts[1] {
			continue
		}
		seen := slices.DeleteFunc(slices.Clone(m.scraped[id]), func(s scrape) bool { return s.at.After(newest) || !s.at.After(oldest) })
		m.write(&b, machine, seen)
		n, known := m.told(w.Now, seen)
		w.Looked(id, known && !spoilt, n)
	}
	body := strings.TrimSuffix(b.String(), ",") + "]}}"
	if bad.Body != "" {
		body = bad.Body
	}
	if bad.Keep > 0 {
		body = body[:min(bad.Keep, len(body))]
	}
	return max(bad.Status, http.StatusOK), body
}

// told is what samples say to somebody who believes none older than two scrapes.
func (m *Metrics) told(now time.Time, seen []scrape) (n int, known bool) {
	if len(seen) == 0 || now.Sub(seen[len(seen)-1].at) > 2*m.every() {
		return 0, false
	}
	for _, value := range seen[len(seen)-1].values {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || v < 0 || v != math.Trunc(v) || math.IsInf(v, 0) {
			return 0, false
		}
		n += int(v)
	}
	return n, true
}

// write adds a machine's series to an answer.
func (m *Metrics) write(b *strings.Builder, machine *Machine, seen []scrape) {
	for i, proxy := range []string{"blue", "green"}[:min(max(m.Proxies, 1), 2)] {
		if len(seen) == 0 {
			return
		}
		fmt.Fprintf(b, `{"metric":{"__name__":"fly_app_concurrency","app":%q,"host":"4d2e","instance":%q,"proxy_id":%q,"region":%q},"values":[`,
			machine.App, machine.ID, proxy, machine.Region)
		for j, s := range seen {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('[')
			b.WriteString(strconv.FormatFloat(float64(s.at.UnixMilli())/1000, 'f', 3, 64))
			b.WriteString(`,"` + s.values[i] + `"]`)
		}
		b.WriteString(`]},`)
	}
}
