package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Prometheus is the [Probe] that asks Fly's metrics, or a Prometheus of yours that
// has them: the gauge fly_app_concurrency, as the proxy counts it, summed up for
// each machine. It needs nothing in the image, and one request serves all machines
// of an app. Where a service's concurrency.type is "requests" it counts requests,
// so that a connection on which nothing is asked does not count.
// https://fly.io/docs/monitoring/metrics/
//
// Metrics tell of the past: a count is as old as its sample, and a sample that is
// older than two scrapes is unknown, and so are a series that is missing (it has
// been seen missing for machines that had connections), a series of which a part
// has ended, and an answer that is not whole. As a series may vanish when nothing
// is connected, a second probe can settle it: Probes{Prometheus{}, Sockets{}}.
//
// Before Fly mended it, the gauge forgot connections older than a minute or two.
// https://community.fly.io/t/the-fly-app-concurrency-metric-is-now-more-useful/23676
type Prometheus struct {
	// URL is what stands before /api/v1/query. Default: the environment's
	// FLY_PROMETHEUS_URL, else Fly's for the organisation in FLY_ORG.
	URL string

	// Token is sent as "FlyV1 …" or "Bearer …", as its shape asks for. Default:
	// the environment's FLY_ACCESS_TOKEN, else FLY_API_TOKEN, as flyctl has it. It
	// goes nowhere without TLS, and not to a URL that has a password of its own.
	Token string

	Scrape  time.Duration // between two samples of a series. Default 15s, which is Fly's
	Timeout time.Duration // for an answer. Default 10s
	Client  *http.Client  // Default [http.DefaultClient]
}

const (
	flyMetrics     = "https://api.fly.io/prometheus/"
	scrapeEvery    = 15 * time.Second
	clockMayDiffer = 5 * time.Second
	mostOfAnswer   = 64 << 20 // bytes
)

// Count asks for all machines by one request.
func (p Prometheus) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	readings, err := p.count(ctx, fly.App, machines)
	out := make(map[string]Reading, len(machines))
	for _, m := range machines {
		switch r, ok := readings[m.ID]; {
		case err != nil:
			out[m.ID] = Unknown(err.Error())
		case !ok:
			out[m.ID] = Unknown("the metrics have no series " + concurrency + " of this machine")
		default:
			out[m.ID] = r
		}
	}
	return out
}

// count gives what the metrics know. No error of it holds a credential.
func (p Prometheus) count(ctx context.Context, app string, machines []flyctl.Machine) (map[string]Reading, error) {
	at, token, err := p.target()
	if err != nil {
		return nil, err
	}
	scrape := cmp.Or(p.Scrape, scrapeEvery)
	data, err := p.ask(ctx, at, token, concurrencyQuery(app, machines, remember*scrape))
	var readings map[string]Reading
	if err == nil {
		readings, err = parseMetrics(data, time.Now(), 2*scrape)
	}
	if err != nil {
		return nil, errors.New(hideToken(err.Error(), token))
	}
	return readings, nil
}

const (
	concurrency = "fly_app_concurrency"

	// remember is of how many scrapes samples are asked for. A series that has
	// ended, as when a proxy was replaced, spoils a machine's count for so long.
	remember = 8

	// longQuery bounds a query. VictoriaMetrics, which Fly's metrics are, takes
	// 16 KiB (-search.maxQueryLen): some thousand machines.
	longQuery = 8 << 10
)

// concurrencyQuery asks for the samples of a time, as they are: each with the time
// at which it was taken. Any function over them, and any instant vector, would
// stamp them with the time of the asking; and VictoriaMetrics would answer with
// how it was 30 s before (-search.latencyOffset).
//
// Machines are named while the query stays short; else all of the app's are asked for.
func concurrencyQuery(app string, machines []flyctl.Machine, window time.Duration) string {
	ids := make([]string, len(machines))
	for i, m := range machines {
		ids[i] = regexp.QuoteMeta(m.ID)
	}
	selector := fmt.Sprintf("app=%q", app)
	if instances := strings.Join(ids, "|"); len(instances) < longQuery {
		selector += fmt.Sprintf(",instance=~%q", instances)
	}
	return fmt.Sprintf("%s{%s}[%dms]", concurrency, selector, window.Milliseconds())
}

// ask gives the answer to a query, whole.
func (p Prometheus) ask(ctx context.Context, at *url.URL, token, query string) ([]byte, error) {
	timeout := cmp.Or(p.Timeout, 10*time.Second)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// POST, as an address cannot be as long as a query can.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(url.Values{"query": {query}}.Encode()))
	if err != nil {
		return nil, errBadAddress
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	data, err := p.exchange(req)
	var inURL *url.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer from %s in %v", at.Host, timeout)
	case errors.As(err, &inURL):
		return nil, inURL.Err // the rest of it is the address, which may hold a password
	}
	return data, err
}

func (p Prometheus) exchange(req *http.Request) ([]byte, error) {
	client := *cmp.Or(p.Client, http.DefaultClient)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // it would lose the query
	sent := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, mostOfAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("the answer was cut off: %w", err)
	}
	if len(data) > mostOfAnswer {
		return nil, fmt.Errorf("the answer has more than %d MiB", mostOfAnswer>>20)
	}
	if res.StatusCode != http.StatusOK {
		return nil, errors.New(refusal(res.StatusCode, data))
	}
	return data, sameClock(res.Header.Get("Date"), sent, time.Now())
}

// sameClock refuses an answer whose sender has another time than we have: the age
// of its samples would be wrong.
func sameClock(date string, sent, received time.Time) error {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return nil // a Date is not needed for an answer
	}
	if theirs.Before(sent.Add(-clockMayDiffer)) || theirs.After(received.Add(clockMayDiffer)) {
		return fmt.Errorf("the clocks here and at the metrics differ by more than %v, so how old a count is cannot be told", clockMayDiffer)
	}
	return nil
}

// usable tells whether there is something to ask.
func (p Prometheus) usable() error {
	_, _, err := p.target()
	return err
}

// target is the address to be asked, and the Authorization to ask it with.
func (p Prometheus) target() (at *url.URL, token string, err error) {
	if at, err = p.endpoint(); err != nil {
		return nil, "", err
	}
	token, err = p.credential(at)
	return at, token, err
}

var errBadAddress = errors.New("the address of the metrics must be like https://api.fly.io/prometheus/ORG")

// endpoint is the address to be asked.
func (p Prometheus) endpoint() (*url.URL, error) {
	base := cmp.Or(p.URL, env("FLY_PROMETHEUS_URL"))
	if base == "" {
		org := env("FLY_ORG")
		if org == "" {
			return nil, errors.New("the metrics of which organisation? Set FLY_ORG to its slug (fly orgs list), or FLY_PROMETHEUS_URL (-prometheus URL)")
		}
		base = flyMetrics + url.PathEscape(org)
	}
	at, err := url.Parse(base)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
		return nil, errBadAddress
	}
	const path = "/api/v1/query"
	at.Path = strings.TrimSuffix(strings.TrimSuffix(at.Path, "/"), path)
	return at.JoinPath(path), nil
}

// refusal says for people why there is no answer.
func refusal(status int, body []byte) string {
	why := strings.ToLower(http.StatusText(status))
	switch {
	case status == http.StatusUnauthorized:
		why = "the token is not accepted"
	case status == http.StatusForbidden:
		why = "this token may not read metrics (fly tokens create readonly makes one that may)"
	case status == http.StatusNotFound:
		why = "there are no metrics at this address: is FLY_ORG the organisation's slug?"
	case status == http.StatusTooManyRequests:
		why = "asked too often"
	case status >= 500:
		why = "the metrics are out of order"
	case status >= 400:
		why += said(errorIn(body))
	}
	return fmt.Sprintf("%d: %s", status, why)
}
