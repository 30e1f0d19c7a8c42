package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// scraped is when the newest sample of a good answer was taken; it is asked for 10 s later.
const scraped = 1795375990

func at(seconds int) time.Time { return time.Unix(int64(seconds), 0) }

// seriesOf is a series of a machine: value, time, value, time.
func seriesOf(id, proxy string, samples ...any) string {
	var values []string
	for i := 0; i < len(samples); i += 2 {
		values = append(values, fmt.Sprintf(`[%v,"%v"]`, samples[i+1], samples[i]))
	}
	return fmt.Sprintf(`{"metric":{"__name__":"fly_app_concurrency","app":"my-app","host":"4d2e","instance":%q,"proxy_id":%q,"region":"iad"},"values":[%s]}`,
		id, proxy, strings.Join(values, ","))
}

// manySeries are n series of a machine, with a connection each.
func manySeries(n int) (all []string) {
	for i := range n {
		all = append(all, seriesOf("m1", fmt.Sprint(i), 1, scraped))
	}
	return all
}

func matrix(series ...string) string {
	return `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(series, ",") + `]},"stats":{"seriesFetched":"2"}}`
}

func TestMetricsTellACountOrWhyItIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   string
	}{
		"nothing connected":               {matrix(seriesOf("m1", "blue", 0, scraped)), "0 connections"},
		"the newest sample":               {matrix(seriesOf("m1", "blue", 9, scraped-30, 8, scraped-15, 3, scraped)), "3 connections"},
		"the newest sample, out of order": {matrix(seriesOf("m1", "blue", 3, scraped, 9, scraped-30)), "3 connections"},
		"the sum of two proxies":          {matrix(seriesOf("m1", "blue", 3, scraped), seriesOf("m1", "green", 4, scraped-5)), "7 connections"},
		"others' series":                  {matrix(seriesOf("m2", "blue", 5, scraped), seriesOf("m1", "blue", 1, scraped)), "1 connection"},
		"a fraction of a second":          {matrix(seriesOf("m1", "blue", 2, "1795375990.986")), "2 connections"},
		"an exponent":                     {matrix(seriesOf("m1", "blue", "1e+02", scraped)), "100 connections"},
		"as old as it may be":             {matrix(seriesOf("m1", "blue", 0, scraped-50)), "0 connections"},
		"two proxies, two scrapes apart":  {matrix(seriesOf("m1", "blue", 3, scraped), seriesOf("m1", "green", 4, scraped-30)), "7 connections"},

		"a series of another app":               {matrix(strings.Replace(seriesOf("m1", "blue", 0, scraped), "my-app", "your-app", 1)), "unknown: the metrics have a series of this machine that is not fly_app_concurrency of my-app"},
		"a series of another name":              {matrix(strings.Replace(seriesOf("m1", "blue", 0, scraped), "fly_app_concurrency", "fly_edge_tls", 1)), "unknown: the metrics have a series of this machine that is not"},
		"a good series and one of another name": {matrix(seriesOf("m1", "blue", 0, scraped), strings.Replace(seriesOf("m1", "green", 0, scraped), "fly_app_concurrency", "x", 1)), "that is not"},
		"a series without its name and app":     {matrix(`{"metric":{"instance":"m1"},"values":[[1795375990,"0"]]}`), "that is not"},
		"as many series as are read":            {matrix(manySeries(mostSeries)...), "100 connections"},
		"more series than are read":             {matrix(manySeries(mostSeries + 1)...), "unknown: the metrics have 101 series of this machine"},
		"very many series":                      {matrix(manySeries(20000)...), "unknown: the metrics have 20000 series of this machine"},

		"no series at all":                     {matrix(), "missing"},
		"only others' series":                  {matrix(seriesOf("m2", "blue", 0, scraped)), "missing"},
		"a series without its machine":         {matrix(`{"metric":{"__name__":"fly_app_concurrency"},"values":[[1795375990,"0"]]}`), "missing"},
		"a sample that is too old":             {matrix(seriesOf("m1", "blue", 0, scraped-51)), "unknown: the newest sample of this machine is older than 1m0s"},
		"one proxy's series has ended":         {matrix(seriesOf("m1", "blue", 3, scraped-31), seriesOf("m1", "green", 0, scraped)), "unknown: one of several series of this machine has ended"},
		"one proxy's series has ended at 0":    {matrix(seriesOf("m1", "green", 0, scraped), seriesOf("m1", "blue", 0, scraped-31)), "unknown: one of several series of this machine has ended"},
		"a series without samples":             {matrix(seriesOf("m1", "blue")), "unknown: a series of this machine has no samples"},
		"a sample of the future":               {matrix(seriesOf("m1", "blue", 0, scraped+60)), "unknown: the newest sample of this machine is in the future: is the clock right?"},
		"a series twice":                       {matrix(seriesOf("m1", "blue", 1, scraped), seriesOf("m1", "blue", 0, scraped)), "unknown: the metrics have the same series of this machine twice"},
		"two counts of one time":               {matrix(seriesOf("m1", "blue", 3, scraped, 0, scraped)), "unknown: the metrics have two counts of this machine for the same time"},
		"NaN":                                  {matrix(seriesOf("m1", "blue", "NaN", scraped)), "unknown: NaN is not a valid number of connections"},
		"an end that is marked":                {matrix(seriesOf("m1", "blue", 0, scraped-15, "NaN", scraped)), "unknown: NaN is not a valid number of connections"},
		"infinity":                             {matrix(seriesOf("m1", "blue", "+Inf", scraped)), "unknown: +Inf is not a valid number of connections"},
		"minus infinity":                       {matrix(seriesOf("m1", "blue", "-Inf", scraped)), "unknown: -Inf is not a valid number of connections"},
		"negative":                             {matrix(seriesOf("m1", "blue", -1, scraped)), "unknown: -1 is not a valid number of connections"},
		"negative, and another that is not":    {matrix(seriesOf("m1", "blue", -3, scraped), seriesOf("m1", "green", 3, scraped)), "unknown: -3 is not a valid number of connections"},
		"a fraction":                           {matrix(seriesOf("m1", "blue", 0.5, scraped)), "unknown: 0.5 is not a valid number of connections"},
		"more than can be":                     {matrix(seriesOf("m1", "blue", "1e300", scraped)), "unknown: 1e+300 is not a valid number of connections"},
		"more than can be, all in all":         {matrix(seriesOf("m1", "blue", 2147483647, scraped), seriesOf("m1", "green", 2147483647, scraped)), "unknown: 4.294967294e+09 is not a valid number of connections"},
		"a value that is not a number":         {matrix(seriesOf("m1", "blue", "many", scraped)), "cannot be read"},
		"a value that is Go's, and no other's": {matrix(seriesOf("m1", "blue", "0x0p1", scraped)), "cannot be read"},
		"a value without quotes":               {matrix(`{"metric":{"instance":"m1"},"values":[[1795375990,0]]}`), "cannot be read"},
		"a value that is null":                 {matrix(`{"metric":{"instance":"m1"},"values":[[1795375990,null]]}`), "cannot be read"},
		"a sample that is null":                {matrix(`{"metric":{"instance":"m1"},"values":[null]}`), "cannot be read"},
		"a sample of one":                      {matrix(`{"metric":{"instance":"m1"},"values":[["0"]]}`), "cannot be read"},
		"a sample of three":                    {matrix(`{"metric":{"instance":"m1"},"values":[[1795375990,"0","0"]]}`), "cannot be read"},
		"a time that is null":                  {matrix(`{"metric":{"instance":"m1"},"values":[[null,"0"]]}`), "cannot be read"},
		"a time in milliseconds":               {matrix(seriesOf("m1", "blue", 0, "1795375990000")), "cannot be read"},
		"a time that is negative":              {matrix(seriesOf("m1", "blue", 0, -1)), "cannot be read"},

		"an instant vector":        {`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":"m1"},"value":[1795376000,"0"]}]}}`, "not a matrix"},
		"a scalar":                 {`{"status":"success","data":{"resultType":"scalar","result":[1795376000,"0"]}}`, "cannot be read"},
		"no data":                  {`{"status":"success"}`, "not a matrix"},
		"data that is null":        {`{"status":"success","data":null}`, "not a matrix"},
		"a result that is null":    {`{"status":"success","data":{"resultType":"matrix","result":null}}`, "missing"},
		"a result of another type": {`{"status":"success","data":{"resultType":"matrix","result":{}}}`, "cannot be read"},
		"an error":                 {`{"status":"error","errorType":"timeout","error":"query timed out"}`, `success: "error": "query timed out"`},
		"an error with data":       {strings.Replace(matrix(seriesOf("m1", "blue", 0, scraped)), "success", "error", 1), `success: "error"`},
		"a warning":                {strings.TrimSuffix(matrix(seriesOf("m1", "blue", 0, scraped)), "}") + `,"warnings":["storage 3 did not\u001b[2J answer"]}`, `warning: "storage 3 did not answer"`},
		"a part":                   {strings.TrimSuffix(matrix(seriesOf("m1", "blue", 0, scraped)), "}") + `,"isPartial":true}`, "incomplete"},
		"no status":                {`{}`, "did not answer with success"},
		"null":                     {`null`, "did not answer with success"},
		"nothing":                  {"", "not JSON"},
		"a web page":               {"<!DOCTYPE html><html>Sign in</html>", "not JSON"},
		"a list":                   {"[]", "not JSON"},
		"two answers":              {matrix(seriesOf("m1", "blue", 0, scraped)) + matrix(), "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			readings, err := parseMetrics(t.Context(), []byte(c.answer), "my-app", at(scraped+10), 15*time.Second, time.Minute)
			got := "missing"
			if r, ok := readings["m1"]; ok {
				got = r.String()
			}
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestACountIsAsOldAsTheOldestOfItsSamples(t *testing.T) {
	readings, err := parseMetrics(t.Context(), []byte(matrix(seriesOf("m1", "blue", 1, scraped-15, 1, scraped), seriesOf("m1", "green", 0, scraped-9))), "my-app", at(scraped+10), 15*time.Second, time.Minute)
	if r := readings["m1"]; err != nil || !r.Time().Equal(at(scraped-9)) || r.Every() != 15*time.Second {
		t.Errorf("%v at %v, each %v: %v", r, r.Time(), r.Every(), err)
	}
}

func TestAnAnswerIsReadNoLongerThanTheContextLasts(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	over := errors.New("the time is over")
	cancel(over)
	if readings, err := parseMetrics(ctx, []byte(matrix(seriesOf("m1", "blue", 1, scraped))), "my-app", at(scraped+10), 15*time.Second, time.Minute); !errors.Is(err, over) {
		t.Errorf("%v: %v", readings, err)
	}
}

func TestAnAnswerOfMetricsCutOffAnywhereIsNoAnswer(t *testing.T) {
	whole := matrix(seriesOf("m1", "blue", 0, scraped-15, 0, scraped), seriesOf("m1", "green", 3, scraped))
	for n := range whole {
		if readings, err := parseMetrics(t.Context(), []byte(whole[:n]), "my-app", at(scraped+10), 15*time.Second, time.Minute); err == nil {
			t.Errorf("after %d of %d bytes: %v", n, len(whole), readings)
		}
	}
}

func FuzzParseMetrics(f *testing.F) {
	f.Add(matrix(seriesOf("m1", "blue", 0, scraped)))
	f.Add(matrix(seriesOf("m1", "blue", "NaN", scraped), seriesOf("m1", "green", 3, scraped-30)))
	f.Add(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0"]}]}}`)
	f.Add(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"instance":"m1"},"values":[[null,"0"],[1795375990,null]]}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		readings, err := parseMetrics(t.Context(), []byte(text), "my-app", at(scraped+10), 15*time.Second, time.Minute)
		if err != nil && len(readings) > 0 {
			t.Errorf("an error, and %v", readings)
		}
		for id, r := range readings {
			n, known := r.Connections()
			if known && (n < 0 || r.at.IsZero() || at(scraped+10).Sub(r.at) > 30*time.Second || !strings.Contains(text, "success")) {
				t.Errorf("%q: %v at %v", id, r, r.at)
			}
			if !known && r.why == "" {
				t.Errorf("%q: unknown, and not why", id)
			}
		}
	})
}
