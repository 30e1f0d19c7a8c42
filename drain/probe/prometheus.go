package probe

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

// Prometheus is a [Probe] that asks Fly's metrics, or a Prometheus of yours that
// has them. It sums up the gauge fly_app_concurrency, which Fly's proxy counts, for
// each machine. It needs nothing in the image, and one request covers all machines
// of an app. Where a service's concurrency.type is "requests", it counts requests:
// a connection without one does not count.
// https://fly.io/docs/monitoring/metrics/
//
// A count is as old as its sample (see [Reading.Time]): Fly's samples can be asked for
// one or two minutes after they were taken. It is unknown if the newest sample is
// older than MaxAge, if one of a machine's series has ended (it is two scrapes behind
// another) or all are missing, or if the answer is incomplete. A missing series is not
// zero: machines with connections were seen without one. But a series may also vanish
// when nothing is connected, and then it takes a second probe to know:
// Highest{Prometheus{}, Sockets{}}.
//
// Before Fly fixed the gauge, it forgot connections older than a minute or two.
// https://community.fly.io/t/the-fly-app-concurrency-metric-is-now-more-useful/23676
type Prometheus struct {
	// URL is the address before /api/v1/query. Default: $FLY_PROMETHEUS_URL, else
	// Fly's for the organisation in $FLY_ORG.
	URL string

	// Token is sent as "FlyV1 …" or "Bearer …", depending on its form; if that is
	// answered with 401, once more in the other way. Default: $FLY_ACCESS_TOKEN, else
	// $FLY_API_TOKEN, as in flyctl. It is not sent without TLS (but for this machine),
	// nor to a URL that has a password of its own. "fly tokens create readonly" makes
	// one that may read metrics; a deploy token most likely may not.
	Token string

	Scrape  time.Duration // between two samples of a series; default 15s, which is Fly's
	MaxAge  time.Duration // of a sample that is believed; default 5m
	Timeout time.Duration // for an answer; default 10s
	Client  *http.Client  // default [http.DefaultClient]
}

const (
	flyMetrics   = "https://api.fly.io/prometheus/"
	flyScrapes   = 15 * time.Second // https://fly.io/docs/monitoring/metrics/
	maxAge       = 5 * time.Minute  // users saw samples arrive one to two minutes late
	answerIn     = 10 * time.Second
	mostOfAnswer = 16 << 20 // bytes: ten thousand machines have less

	// remember is how many scrapes a query goes back beyond MaxAge. For so long a series
	// that has ended, as when a proxy was replaced, makes a machine's count unknown.
	remember = 8

	// longQuery bounds a query, in bytes. VictoriaMetrics, which Fly runs, takes
	// 16 KiB (-search.maxQueryLen): about a thousand machines.
	longQuery = 8 << 10
)

// Count asks about all machines by one request.
func (p Prometheus) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	readings, err := p.count(ctx, fly.App, machines)
	out := make(map[string]Reading, len(machines))
	for _, m := range machines {
		switch r, ok := readings[m.ID]; {
		case err != nil:
			out[m.ID] = Unknown(err.Error())
		case !ok:
			out[m.ID] = Unknown("the metrics have no series " + concurrency + " for this machine")
		default:
			out[m.ID] = r
		}
	}
	return out
}

// count returns what the metrics know. Its errors hold no credential.
func (p Prometheus) count(ctx context.Context, app string, machines []flyctl.Machine) (map[string]Reading, error) {
	at, token, err := p.target()
	if err != nil {
		return nil, err
	}
	scrape, oldest := cmp.Or(p.Scrape, flyScrapes), cmp.Or(p.MaxAge, maxAge)
	timeout := cmp.Or(p.Timeout, answerIn)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	query := concurrencyQuery(app, machines, oldest+remember*scrape)
	data, err := p.ask(ctx, at, token, query)
	if err == errUnauthorized && token != "" {
		data, err = p.ask(ctx, at, otherScheme(token), query)
	}
	var readings map[string]Reading
	if err == nil {
		readings, err = parseMetrics(ctx, data, app, time.Now(), scrape, oldest)
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer from %s in %v", at.Host, timeout)
	case err != nil:
		return nil, errors.New(flyctl.Printable(err.Error(), token))
	}
	return readings, nil
}

// concurrencyQuery asks for the raw samples of a window: each has the time at which
// it was taken. A function over them, or an instant vector, would have the time of
// the query instead, and VictoriaMetrics would answer with the state of 30 s before
// (-search.latencyOffset).
//
// The query names the machines while it stays short; else it asks for all of the app's.
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

// ask returns the whole answer to a query.
func (p Prometheus) ask(ctx context.Context, at *url.URL, token, query string) ([]byte, error) {
	// POST, because a query can be longer than an address may be.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(url.Values{"query": {query}}.Encode()))
	if err != nil {
		return nil, errBadAddress
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	data, err := p.exchange(req)
	if inURL := (*url.Error)(nil); errors.As(err, &inURL) {
		return nil, inURL.Err // the rest of it is the address, which may hold a password
	}
	return data, err
}

func (p Prometheus) exchange(req *http.Request) ([]byte, error) {
	client := *cmp.Or(p.Client, http.DefaultClient)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a redirect would lose the query
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
		return nil, fmt.Errorf("the answer is longer than %d MiB", mostOfAnswer>>20)
	}
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return nil, errUnauthorized
	default:
		return nil, errors.New(refusal(res.StatusCode, data))
	}
	return data, sameClock(res.Header.Get("Date"), sent, time.Now())
}

// sameClock returns an error if the server's clock differs from ours: then the age
// of its samples would be wrong.
func sameClock(date string, sent, received time.Time) error {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return nil // an answer need not have a Date
	}
	if theirs.Before(sent.Add(-clockMayDiffer)) || theirs.After(received.Add(clockMayDiffer)) {
		return fmt.Errorf("the clocks here and at the metrics server differ by more than %v, so the age of a count is unknown", clockMayDiffer)
	}
	return nil
}

// target returns the address to ask, and the Authorization header for it.
func (p Prometheus) target() (at *url.URL, token string, err error) {
	if at, err = p.endpoint(); err != nil {
		return nil, "", err
	}
	token, err = p.credential(at)
	return at, token, err
}

var errBadAddress = errors.New("the address of the metrics must be like https://api.fly.io/prometheus/ORG")

// endpoint returns the address to ask.
func (p Prometheus) endpoint() (*url.URL, error) {
	base := cmp.Or(p.URL, env("FLY_PROMETHEUS_URL"))
	if base == "" {
		org := env("FLY_ORG")
		if org == "" {
			return nil, errors.New("no organisation for the metrics: set FLY_ORG to its slug (fly orgs list), or FLY_PROMETHEUS_URL (-prometheus URL)")
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

var errUnauthorized = errors.New("401: the token is not accepted (fly tokens create readonly makes one that is)")

// refusal returns, for people, why there is no answer.
func refusal(status int, body []byte) string {
	why := strings.ToLower(http.StatusText(status))
	switch {
	case status == http.StatusForbidden:
		why = "this token may not read metrics (fly tokens create readonly makes one that may)"
	case status == http.StatusNotFound:
		why = "there are no metrics at this address: is FLY_ORG the organisation's slug?"
	case status == http.StatusTooManyRequests:
		why = "too many requests"
	case status >= 500:
		why = "the metrics server failed"
	case status >= 400:
		why += quoted(errorIn(body))
	}
	return fmt.Sprintf("%d: %s", status, why)
}

// credential returns the Authorization header for an address, or "" for none.
func (p Prometheus) credential(at *url.URL) (string, error) {
	header := authorization(cmp.Or(p.Token, env("FLY_ACCESS_TOKEN"), env("FLY_API_TOKEN")))
	switch {
	case at.User != nil:
		return "", nil // net/http sends that
	case header == "" && (at.Hostname() == "fly.io" || strings.HasSuffix(at.Hostname(), ".fly.io")):
		return "", errors.New("no token for the metrics: set FLY_API_TOKEN (FLY_API_TOKEN=$(fly auth token) where you are logged in)")
	case at.Scheme != "https" && !loopback(at.Hostname()):
		return "", nil
	}
	return header, nil
}
