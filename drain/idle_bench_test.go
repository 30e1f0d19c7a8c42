package drain

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/idle"
	"github.com/flydrain/flydrain/drain/probe"
)

// BenchmarkPollOfAThousand is one look at 1,000 draining machines, each with two
// connections: a list, and a round of probes. What flyctl and the metrics take for
// their answers is not in it: these are ready.
func BenchmarkPollOfAThousand(b *testing.B) {
	const n = 1000
	ids, list, tables := recordings(b, n)
	run := func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		if cmd.Args[1] == "list" {
			return flyctl.Result{Stdout: list}, nil
		}
		return flyctl.Result{Stdout: tables}, nil
	}
	for name, p := range map[string]probe.Probe{
		"sockets":    probe.Sockets{},
		"prometheus": probe.Prometheus{URL: "https://metrics.test", Client: &http.Client{Transport: twoEach(ids)}},
	} {
		b.Run(name, func(b *testing.B) {
			r := New("my-app")
			r.Flyctl, r.Probe, r.ListEvery = run, p, time.Nanosecond
			counts := 0
			r.Events = func(e Event) {
				if count, known := e.Reading.Connections(); !known || count != 2 {
					b.Fatalf("%s: %v", e.Machine, e.Reading)
				}
				counts++
			}
			b.ReportAllocs()
			for b.Loop() {
				w := atWork(b, r).newIdleWait(func(n idle.News, err error) { b.Errorf("%+v: %v", n, err) })
				for _, id := range ids {
					w.watch.Add(id, time.Now())
				}
				if err := w.poll(b.Context()); err != nil {
					b.Fatal(err)
				}
				if counts != n {
					b.Fatalf("%d machines were counted", counts)
				}
				counts = 0
			}
		})
	}
}

// atWork returns the only app of a release as a run has it.
func atWork(t testing.TB, r Release) *app {
	t.Helper()
	r, err := r.resolved()
	if err != nil {
		t.Fatal(err)
	}
	return newApp(r, r.Apps[0], &listener{tell: r.Events}, nil)
}

// recordings are the ids of n cordoned machines, a list of them, and the socket
// tables of one.
func recordings(b *testing.B, n int) (ids []string, list, tables []byte) {
	fly := draintest.NewFly(nil)
	fly.Do(func(w *draintest.World) {
		if err := w.AddApp("my-app", fmt.Sprintf("app=iad:%d", n)); err != nil {
			b.Fatal(err)
		}
		w.Connect("my-app", "app", "iad", 2*n, 0)
		for _, m := range w.Live("my-app") {
			m.Cordoned = true
			ids = append(ids, m.ID)
		}
	})
	ask := func(args ...string) []byte {
		res, err := fly.Runner()(b.Context(), flyctl.Command{Args: append(args, "--json", "--app", "my-app")})
		if err != nil || res.ExitCode != 0 {
			b.Fatalf("%v %s", err, res.Stderr)
		}
		return res.Stdout
	}
	return ids, ask("machine", "list"), ask("machine", "exec", ids[0], "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat")
}

// twoEach are metrics that have two connections for each machine.
func twoEach(ids []string) http.RoundTripper {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = fmt.Sprintf(`{"metric":{"app":"my-app","instance":%q},"values":[[THEN,"3"],[NOW,"2"]]}`, id)
	}
	body := `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(all, ",") + `]}}`
	return answering(func() string {
		now := time.Now().Unix()
		return strings.NewReplacer("THEN", fmt.Sprint(now-15), "NOW", fmt.Sprint(now)).Replace(body)
	})
}

type answering func() string

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(f())), Header: http.Header{}, Request: r}, nil
}
