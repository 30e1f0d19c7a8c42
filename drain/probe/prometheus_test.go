package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// transport answers requests without a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func reply(status int, body string) transport {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// counting asks for the connections of machine m1 of my-app.
func (p Prometheus) counting(t *testing.T, via transport) Reading {
	t.Helper()
	p.Client = &http.Client{Transport: via}
	return p.Count(t.Context(), &flyctl.Client{App: "my-app"}, []flyctl.Machine{{ID: "m1"}})["m1"]
}

func taken(value int) string { return matrix(seriesOf("m1", "blue", value, time.Now().Unix()-1)) }

func TestMetricsAreAskedForTheseMachinesOfTheAppWithTheToken(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "FlyV1 fm2_lJPECAAAAAAAAC7t")
	var got *http.Request
	var form string
	r := Prometheus{URL: "https://api.fly.io/prometheus/acme/"}.counting(t, func(req *http.Request) (*http.Response, error) {
		got, form = req, req.FormValue("query")
		return reply(200, taken(3))(req)
	})
	if n, known := r.Connections(); n != 3 || !known {
		t.Error(r)
	}
	if got.Method != "POST" || got.URL.String() != "https://api.fly.io/prometheus/acme/api/v1/query" || got.Header.Get("Authorization") != "FlyV1 fm2_lJPECAAAAAAAAC7t" {
		t.Errorf("%s %s %s", got.Method, got.URL, got.Header)
	}
	if want := `fly_app_concurrency{app="my-app",instance=~"m1"}[420000ms]`; form != want {
		t.Errorf("asked %s, want %s", form, want)
	}
}

func TestAQueryStaysShortWhateverTheNumberOfMachines(t *testing.T) {
	machines := make([]flyctl.Machine, 5000)
	for i := range machines {
		machines[i].ID = fmt.Sprintf("17810000%06x", i)
	}
	for n, want := range map[int]string{1: `instance=~"17810000000000"`, 500: `|178100000001f3"`, 5000: `{app="my-app"}[`} {
		query := concurrencyQuery("my-app", machines[:n], time.Minute)
		if len(query) > longQuery+100 || !strings.Contains(query, want) {
			t.Errorf("%d machines: %d bytes: %.100s", n, len(query), query)
		}
	}
}

func TestAGivenPrometheusIsAskedElseTheEnvironmentsElseFlys(t *testing.T) {
	for name, c := range map[string]struct{ url, env, org, want string }{
		"none":                          {"", "", "", "no organisation"},
		"Fly's for the organisation":    {"", "", "acme", "https://api.fly.io/prometheus/acme/api/v1/query"},
		"an odd organisation":           {"", "", "../x?y", "https://api.fly.io/prometheus/..%2Fx%3Fy/api/v1/query"},
		"the environment's":             {"", "http://localhost:9090", "acme", "http://localhost:9090/api/v1/query"},
		"the one that is given":         {"http://localhost:1", "http://localhost:2", "acme", "http://localhost:1/api/v1/query"},
		"one with all of its path":      {"http://localhost:1/x/api/v1/query", "", "", "http://localhost:1/x/api/v1/query"},
		"one with a slash at its end":   {"http://localhost:1/x/", "", "", "http://localhost:1/x/api/v1/query"},
		"one with a query of its own":   {"http://localhost:1/x?tenant=7", "", "", "http://localhost:1/x/api/v1/query?tenant=7"},
		"one without a scheme":          {"api.fly.io/prometheus/acme", "", "", "must be like"},
		"one that is not a web address": {"file:///etc/passwd", "", "", "must be like"},
		"one without a host":            {"https:///prometheus", "", "", "must be like"},
		"one that cannot be":            {"https://a b:99999999/%zz", "", "", "must be like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("FLY_PROMETHEUS_URL", c.env)
			t.Setenv("FLY_ORG", c.org)
			at, err := Prometheus{URL: c.url}.endpoint()
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = at.String()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestATokenOfAnyShapeIsNotShown(t *testing.T) {
	const odd = "odd-token-1234567890"
	got := Prometheus{URL: "https://api.fly.io/prometheus/acme", Token: odd}.counting(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("refused " + odd) }).String()
	if strings.Contains(got, odd) || !strings.Contains(got, "refused [token]") {
		t.Error(got)
	}
}

func TestMetricsThatCannotBeReadSayWhyWithoutTheToken(t *testing.T) {
	const token, password = "fm2_lJPECAAAAAAAAC7t", "hunter2hunter2"
	long := strings.Repeat("x", mostOfAnswer+1)
	for name, c := range map[string]struct {
		via  transport
		want string
	}{
		"an answer":               {reply(200, taken(3)), "3 connections"},
		"no such token":           {reply(401, "unauthorized "+token), "401: the token is not accepted"},
		"a token for less":        {reply(403, "forbidden"), "403: this token may not read metrics"},
		"no such organisation":    {reply(404, "404 page not found"), "404: there are no metrics at this address"},
		"too many requests":       {reply(429, ""), "429: too many requests"},
		"a query it cannot read":  {reply(400, `{"status":"error","errorType":"bad_data","error":"parse error for `+token+`"}`), `400: bad request: "parse error for [token]"`},
		"too long a query":        {reply(422, "<html>"), "422: unprocessable entity"},
		"a fault":                 {reply(500, `{"error":"boom"}`), "500: the metrics server failed"},
		"a fault on the way":      {reply(502, "<html>"), "502: the metrics server failed"},
		"another address":         {reply(302, ""), "302: found"},
		"nothing":                 {reply(204, ""), "204: no content"},
		"a web page":              {reply(200, "<html>"), "not JSON"},
		"an error that tells all": {reply(200, `{"status":"error","error":"no: Authorization: FlyV1 `+token+`"}`), "[token]"},
		"an answer that is cut": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader(taken(0)[:40]), failing{}))}, nil
		}, "cut off"},
		"an answer without an end": {reply(200, long), "longer than 16 MiB"},
		"no network":               {func(*http.Request) (*http.Response, error) { return nil, errors.New("dial tcp: no such host") }, "no such host"},
		"an error with the token":  {func(*http.Request) (*http.Response, error) { return nil, errors.New("refused " + token) }, "refused [token]"},
		"another time": {func(req *http.Request) (*http.Response, error) {
			res, _ := reply(200, taken(0))(req)
			res.Header.Set("Date", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat))
			return res, nil
		}, "clocks"},
		"the same time": {func(req *http.Request) (*http.Response, error) {
			res, _ := reply(200, taken(2))(req)
			res.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			return res, nil
		}, "2 connections"},
	} {
		t.Run(name, func(t *testing.T) {
			for address, secret := range map[string]string{"https://api.fly.io/prometheus/acme": token, "https://me:" + password + "@example.com/x": password, "https://example.com/x?key=" + password: password} {
				got := Prometheus{URL: address, Token: token}.counting(t, c.via).String()
				if !strings.Contains(got, c.want) || strings.Contains(got, secret) || strings.Contains(got, "lJPEC") {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTheMetricsAreWaitedForOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		r := Prometheus{URL: "https://me:hunter2@example.com", Timeout: 7 * time.Second}.counting(t, func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		if r.String() != "unknown: no answer from example.com in 7s" || time.Since(begun) != 7*time.Second {
			t.Errorf("%v after %v", r, time.Since(begun))
		}
	})
}

func TestMetricsAreReadOverARealNetwork(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "Bearer fo1_abcdefghijk" || req.FormValue("query") == "" {
			out.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = io.WriteString(out, taken(5))
	}))
	defer server.Close()
	readings := Prometheus{URL: server.URL, Token: "fo1_abcdefghijk"}.Count(context.Background(), &flyctl.Client{App: "my-app"}, []flyctl.Machine{{ID: "m1"}, {ID: "m2"}})
	if readings["m1"].String() != "5 connections" || !strings.Contains(readings["m2"].Why(), "no series") {
		t.Error(readings)
	}
}

// A sample of 100 s ago is what Fly has when its metrics are late.
func TestSamplesAreBelievedUntilTheyAreTooOld(t *testing.T) {
	for maxAge, want := range map[time.Duration]string{0: "3 connections", time.Minute: "unknown: the newest sample of this machine is older than 1m0s"} {
		late := matrix(seriesOf("m1", "blue", 3, time.Now().Unix()-100))
		if r := (Prometheus{URL: "https://example.com", MaxAge: maxAge}).counting(t, reply(200, late)); r.String() != want {
			t.Errorf("%v: %v", maxAge, r)
		}
	}
}

// With a scrape of a minute two series may be 100 s apart, and 15 s are not assumed.
func TestAScrapeIntervalOfOnesOwnIsHonoured(t *testing.T) {
	for scrape, want := range map[time.Duration]string{0: "unknown: one of several series", time.Minute: "7 connections"} {
		apart := matrix(seriesOf("m1", "blue", 3, time.Now().Unix()-100), seriesOf("m1", "green", 4, time.Now().Unix()))
		r := Prometheus{URL: "https://example.com", Scrape: scrape}.counting(t, reply(200, apart))
		if !strings.HasPrefix(r.String(), want) || r.Every() != scrape {
			t.Errorf("%v: %v, each %v", scrape, r, r.Every())
		}
	}
}

func TestATokenThatIsRefusedIsTriedOnceInTheOtherScheme(t *testing.T) {
	for token, c := range map[string]struct{ takes, want, tried string }{
		"fm2_lJPECAAAAAAAAC7t":       {"Bearer fm2_lJPECAAAAAAAAC7t", "3 connections", "FlyV1 fm2_lJPECAAAAAAAAC7t, Bearer fm2_lJPECAAAAAAAAC7t"},
		"fo1_abcdefghijk":            {"FlyV1 fo1_abcdefghijk", "3 connections", "Bearer fo1_abcdefghijk, FlyV1 fo1_abcdefghijk"},
		"Bearer fm2_lJPECAAAAAAAA/1": {"FlyV1 fm2_lJPECAAAAAAAA/1", "3 connections", "FlyV1 fm2_lJPECAAAAAAAA/1"},
		"fo1_abcdefghijl":            {"another", "unknown: 401: the token is not accepted", "Bearer fo1_abcdefghijl, FlyV1 fo1_abcdefghijl"},
	} {
		var tried []string
		r := Prometheus{URL: "https://example.com", Token: token}.counting(t, func(req *http.Request) (*http.Response, error) {
			if tried = append(tried, req.Header.Get("Authorization")); tried[len(tried)-1] != c.takes {
				return reply(401, "")(req)
			}
			return reply(200, taken(3))(req)
		})
		if got := strings.Join(tried, ", "); !strings.HasPrefix(r.String(), c.want) || got != c.tried {
			t.Errorf("%s: %v, after %s", token, r, got)
		}
	}
}
