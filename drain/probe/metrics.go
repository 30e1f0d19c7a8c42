package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	concurrency    = "fly_app_concurrency"
	clockMayDiffer = 5 * time.Second // by more, and the age of a sample is not known
)

// answer is the answer of /api/v1/query.
// https://prometheus.io/docs/prometheus/latest/querying/api/
type answer struct {
	Status   string   `json:"status"`
	Error    string   `json:"error"`
	Warnings []string `json:"warnings"`
	Partial  bool     `json:"isPartial"` // VictoriaMetrics: part of its storage did not answer
	Data     *struct {
		ResultType string   `json:"resultType"`
		Result     []series `json:"result"`
	} `json:"data"`
}

// series is one series of a machine. A machine can have several: one for each
// proxy, and one more while a proxy is replaced.
type series struct {
	Metric map[string]string `json:"metric"`
	Values []sample          `json:"values"`
}

// sample is a value and the time at which it was taken.
type sample struct {
	at    time.Time
	value float64
}

// UnmarshalJSON reads [seconds, "value"].
func (s *sample) UnmarshalJSON(data []byte) error {
	at, value, ok := strings.Cut(strings.Trim(string(data), "[] \t\r\n"), ",")
	seconds, err := strconv.ParseFloat(strings.TrimSpace(at), 64)
	if !ok || err != nil || !(seconds >= 0 && seconds < 1e11) {
		return errors.New("a sample without a time")
	}
	value, err = strconv.Unquote(strings.TrimSpace(value))
	if err != nil || strings.ContainsAny(value, "xXpP_") { // Go's own ways to write a number
		return errors.New("a sample without a value")
	}
	whole, part := math.Modf(seconds)
	s.at = time.Unix(int64(whole), int64(part*1e9))
	if s.value, err = strconv.ParseFloat(value, 64); err != nil {
		return errors.New("a sample whose value is not a number")
	}
	return nil
}

// parseMetrics sums up the newest samples of each machine of an app (the label
// "instance"). What it cannot believe is unknown. It ends when the context does.
func parseMetrics(ctx context.Context, data []byte, app string, now time.Time, scrape, maxAge time.Duration) (map[string]Reading, error) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		if trimmed := bytes.TrimSpace(data); len(trimmed) == 0 || trimmed[0] != '{' {
			return nil, errors.New("the answer of the metrics is not JSON: is the address right?")
		}
		return nil, fmt.Errorf("the answer of the metrics cannot be read: %s", flyctl.Printable(err.Error()))
	}
	switch {
	case a.Status != "success":
		return nil, fmt.Errorf("the metrics did not answer with success%s%s", quoted(a.Status), quoted(a.Error))
	case len(a.Warnings) > 0:
		return nil, fmt.Errorf("the metrics answered with a warning%s", quoted(a.Warnings[0]))
	case a.Partial:
		return nil, errors.New("the answer of the metrics is incomplete: part of their storage did not answer")
	case a.Data == nil || a.Data.ResultType != "matrix":
		return nil, errors.New("the answer of the metrics is not a matrix (samples with their times)")
	}
	of := map[string][]series{}
	for _, s := range a.Data.Result {
		of[s.Metric["instance"]] = append(of[s.Metric["instance"]], s)
	}
	readings := make(map[string]Reading, len(of))
	for id, all := range of {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		readings[id] = sum(all, app, now, scrape, maxAge)
	}
	return readings, nil
}

// mostSeries is how many series of one machine are read. Fly has one for each proxy.
// An app can publish others of the same name ([metrics] in fly.toml).
const mostSeries = 100

// sum adds up the newest sample of each series of a machine. A series that has
// ended, while another continues, makes the sum unknown: its connections may still be
// open.
func sum(all []series, app string, now time.Time, scrape, maxAge time.Duration) Reading {
	if len(all) > mostSeries {
		return Unknown(fmt.Sprintf("the metrics have %d series of this machine", len(all)))
	}
	total, oldest, latest := 0.0, time.Time{}, time.Time{}
	seen := map[string]bool{}
	for _, s := range all {
		if s.Metric["__name__"] != concurrency || s.Metric["app"] != app {
			return Unknown("the metrics have a series of this machine that is not " + concurrency + " of " + app)
		}
		labels := fmt.Sprint(s.Metric) // sorted
		if seen[labels] {
			return Unknown("the metrics have the same series of this machine twice")
		}
		seen[labels] = true
		newest, why := s.newest(now, maxAge)
		if why != "" {
			return Unknown(why)
		}
		total += newest.value
		if oldest.IsZero() || newest.at.Before(oldest) {
			oldest = newest.at
		}
		if newest.at.After(latest) {
			latest = newest.at
		}
	}
	if latest.Sub(oldest) > 2*scrape {
		return Unknown("one of several series of this machine has ended: its connections may still be open")
	}
	if total > math.MaxInt32 {
		return Unknown(fmt.Sprintf("%v is not a valid number of connections", total))
	}
	return KnownAt(int(total), oldest, scrape)
}

// newest returns the newest sample, or why it cannot be believed.
func (s series) newest(now time.Time, stale time.Duration) (sample, string) {
	if len(s.Values) == 0 {
		return sample{}, "a series of this machine has no samples"
	}
	newest := slices.MaxFunc(s.Values, func(a, b sample) int { return a.at.Compare(b.at) })
	switch age := now.Sub(newest.at); {
	case age > stale:
		return newest, fmt.Sprintf("the newest sample of this machine is older than %v", stale)
	case age < -clockMayDiffer:
		return newest, "the newest sample of this machine is in the future: is the clock right?"
	case newest.value < 0, newest.value != math.Trunc(newest.value), newest.value > math.MaxInt32: // NaN is not its own Trunc
		return newest, fmt.Sprintf("%v is not a valid number of connections", newest.value)
	}
	if slices.ContainsFunc(s.Values, func(v sample) bool { return v.at.Equal(newest.at) && v.value != newest.value }) {
		return newest, "the metrics have two counts of this machine for the same time"
	}
	return newest, ""
}

// errorIn returns the error that an answer holds, or "".
func errorIn(body []byte) string {
	var a answer
	_ = json.Unmarshal(body, &a) // an answer that is not JSON has no error to show
	return a.Error
}
