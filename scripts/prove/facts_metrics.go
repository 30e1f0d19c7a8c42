package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// series returns what the metrics say of a machine.
func (s *scene) series(ctx context.Context, id string) probe.Reading {
	at := s.network.scheme("http") + "://api.fly.io/prometheus/" + url.PathEscape(s.org)
	p := probe.Prometheus{URL: at, Token: "is set above", MaxAge: 10 * time.Minute, Client: &http.Client{Transport: &s.metrics}}
	return p.Count(ctx, s.client, []flyctl.Machine{{ID: id}})[id]
}

var schemes = []string{"FlyV1", "Bearer"}

var scheme = fact{
	"how a token is sent to Fly's metrics", "a macaroon (fm2_…, as fly tokens create makes) as FlyV1 and not as Bearer, any other as Bearer",
	"the tokens in the environment, with each scheme",
	func(ctx context.Context, s *scene) (seen, error) {
		as, accepted, texts := true, "", []string{}
		for _, name := range []string{"FLY_ACCESS_TOKEN", "FLY_API_TOKEN"} {
			token := strings.TrimSpace(os.Getenv(name))
			for _, scheme := range schemes {
				token = strings.TrimSpace(strings.TrimPrefix(token, scheme+" "))
			}
			if token == "" {
				continue
			}
			macaroon := strings.HasPrefix(token, "fm")
			text := name + map[bool]string{true: ", a macaroon:", false: ", no macaroon:"}[macaroon]
			for _, scheme := range schemes {
				s.metrics.authorization, s.metrics.status = scheme+" "+token, 0
				r := s.series(ctx, s.other)
				if s.metrics.status == 0 {
					return seen{}, errors.New(r.Why())
				}
				ok := s.metrics.status == http.StatusOK
				if ok {
					accepted = s.metrics.authorization
				}
				as = as && ok == (macaroon == (scheme == "FlyV1"))
				text += fmt.Sprintf(" %s %d", scheme, s.metrics.status)
			}
			texts = append(texts, text)
		}
		s.metrics.authorization = accepted
		if accepted == "" {
			return seen{}, fmt.Errorf("no token that may read metrics: set FLY_API_TOKEN to one that fly tokens create readonly makes: %s", strings.Join(texts, "; "))
		}
		return see(as, "%s", strings.Join(texts, "; "))
	},
}

// sampled returns the newest sample of a machine: its value and its age, or why there
// is none.
func (s *scene) sampled(ctx context.Context, id string) (n int, age time.Duration, err error) {
	if s.metrics.authorization == "" {
		return 0, 0, errors.New("the metrics could not be read")
	}
	r := s.series(ctx, id)
	n, known := r.Connections()
	if !known {
		err = errors.New(r.Why())
	}
	return n, time.Since(r.Time()).Round(time.Second), err
}

var lateness = fact{
	"how late metrics are", "a sample can be had one to two minutes after it was taken",
	"the age of the newest sample when it first shows",
	func(ctx context.Context, s *scene) (seen, error) {
		least := time.Hour
		err := s.watching(ctx, func() error {
			_, age, err := s.sampled(ctx, s.other)
			least = min(least, age)
			return err
		})
		if err != nil {
			return seen{}, err
		}
		return see(least > 45*time.Second && least < 150*time.Second, "%v", least)
	},
}

// goesOn is that a machine's series continues, and says the truth.
func goesOn(what, believed, how string, of func(*scene) (id string, open int)) fact {
	return fact{
		"the series of " + what, believed, how,
		func(ctx context.Context, s *scene) (seen, error) {
			_, usual, err := s.sampled(ctx, s.other)
			if err != nil {
				return seen{}, err
			}
			id, open := of(s)
			n, age, err := s.sampled(ctx, id)
			if err != nil {
				return see(false, "%v", err)
			}
			return see((n > 0) == (open > 0) && age < usual+time.Minute, "%d, of %v ago; %d are open; the newest of another machine is of %v ago", n, age, open, usual)
		},
	}
}

var idleSeries = goesOn("an idle machine", "it stays, at 0", "the metrics of a machine that serves, and on which no connection stays",
	func(s *scene) (string, int) { return s.idle, 0 })

var cordonedSeries = goesOn("a cordoned machine", "it continues, and counts what is still open", "the metrics of the cordoned machine",
	func(s *scene) (string, int) { return s.blue, s.open() })
