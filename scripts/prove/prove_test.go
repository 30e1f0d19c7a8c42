package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
)

// bench is a prover on a simulated Fly.
type bench struct {
	*prover
	fly     *draintest.Fly
	metrics *draintest.Metrics
	talk    bytes.Buffer
}

const token = "fm2_abcdefghijklmnop"

// onSimulatedFly calls f in a bubble of simulated time.
func onSimulatedFly(t *testing.T, f func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{fly: draintest.NewFly(nil)}
		b.fly.Do(func(w *draintest.World) { w.ExecMost = 3 << 20 }) // more takes long
		b.metrics = &draintest.Metrics{Fly: b.fly, Lag: time.Minute, Token: "FlyV1 " + token}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go b.metrics.Run(ctx)
		b.prover = &prover{
			org: "my-org", regions: []string{"iad"}, hold: 2 * time.Minute, watch: 20 * time.Second, every: time.Second,
			flyctl: b.fly.Runner(), network: network{dial: b.fly.Dial, plain: true}, talk: &b.talk, yes: true,
			metrics: metrics{RoundTripper: b.metrics},
		}
		b.canary = b.holdThrough
		f(t, b)
	})
}

// holdThrough is the canary, in this process.
func (b *bench) holdThrough(ctx context.Context, _, stream string, open func()) (string, error) {
	app, _, _ := strings.Cut(strings.TrimPrefix(stream, "http://"), ".")
	var visits []*visit
	for _, kind := range []string{"websocket", "stream"} {
		v, err := b.network.open(app, kind, "")
		if err != nil {
			return "", err
		}
		visits = append(visits, v)
	}
	open()
	<-ctx.Done()
	held, cut := 0, 0
	for _, v := range visits {
		if held++; v.over() {
			held, cut = held-1, cut+1
		}
		v.close()
	}
	return fmt.Sprintf("%d held, 0 ended by the server, %d cut, 0 never open", held, cut), nil
}

func TestOnASimulatedFlyAllIsAsBelieved(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", token)
	for _, regions := range []string{"iad", "iad,lhr"} {
		t.Run(regions, func(t *testing.T) {
			onSimulatedFly(t, func(t *testing.T, b *bench) {
				b.regions = strings.Split(regions, ",")
				r, err := b.prove(t.Context())
				if err != nil {
					t.Error(err)
				}
				for _, f := range r.Facts {
					if f.Verdict != asBelieved {
						t.Errorf("%s: %s: %s", f.Fact, f.Verdict, f.Seen)
					}
				}
				if strings.Contains(b.talk.String()+r.String(), "abcdefgh") {
					t.Error("the token was printed")
				}
				b.nothingIsLeft(t)
			})
		})
	}
}

// Machines are numbered as they are made: the first gets cordoned, on the second
// others are held, and the third is idle.
const blue, idle = "17810000000001", "17810000000003"

// switches turn Fly into what is not believed. They say which facts are otherwise
// then, and what was seen of them.
var switches = []struct {
	name  string
	turn  func(b *bench, w *draintest.World)
	facts []string // the beginnings of their names
	seen  string
}{
	{"a cordon ends WebSockets", func(b *bench, w *draintest.World) { w.CordonCuts = []string{"websocket"} },
		[]string{"a cordoned machine keeps its WebSocket", "a release by flydrain"}, ""},
	{"a cordon ends streams", func(b *bench, w *draintest.World) { w.CordonCuts = []string{"stream"} },
		[]string{"a cordoned machine keeps its HTTP stream", "a release by flydrain"}, ""},
	{"a cordon ends HTTP/2", func(b *bench, w *draintest.World) { w.CordonCuts = []string{"h2"} },
		[]string{"a cordoned machine keeps its HTTP/2 stream"}, "ended 5s after the cordon"},
	{"a cordon ends TCP", func(b *bench, w *draintest.World) { w.CordonCuts = []string{"tcp"} },
		[]string{"a cordoned machine keeps its raw TCP connection"}, "ended 5s after the cordon: the far end ended it"},
	{"a cordon takes long to spread", func(b *bench, w *draintest.World) { w.Propagation = 14 * time.Second },
		[]string{"a cordoned machine gets no new"}, "the last 13"},
	{"a list is late", func(b *bench, w *draintest.World) {
		w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "stale", Age: 17 * time.Second})
	}, []string{"the list soon shows a create", "the list soon shows a cordon", "the list soon shows a destroy"}, "shown 17"},
	{"a cordon is an event", func(b *bench, w *draintest.World) { w.CordonTells = true },
		[]string{"what the list says of a cordon"}, "changed: cordoned, events, updated_at"},
	{"a start ends a cordon", func(b *bench, w *draintest.World) { w.CordonLost = []string{"start"} },
		[]string{"a cordon outlives a stop"}, "the list says not cordoned; "},
	{"a restart ends a cordon", func(b *bench, w *draintest.World) { w.CordonLost = []string{"restart"} },
		[]string{"a cordon outlives a restart"}, "the list says not cordoned; "},
	{"an update ends a cordon", func(b *bench, w *draintest.World) { w.CordonLost = []string{"update"} },
		[]string{"a cordon outlives an update"}, "the list says not cordoned; "},
	{"exec runs in stopped machines", func(b *bench, w *draintest.World) { w.ExecStopped = true },
		[]string{"exec in a stopped machine"}, "it answered: "},
	{"exec cuts its text off", func(b *bench, w *draintest.World) { w.ExecCuts = true },
		[]string{"how much exec may print"}, "2 MiB whole; of 12 MiB only 3145728 bytes"},
	{"exec may print little", func(b *bench, w *draintest.World) { w.ExecMost = 1 << 20 },
		[]string{"how much exec may print"}, "2 MiB: "},
	{"exec has long", func(b *bench, w *draintest.World) { w.ExecTime = time.Hour },
		[]string{"how long exec may take"}, "it ran for 1m0s"},
	{"the proxy is in the machine", func(b *bench, w *draintest.World) { w.LocalProxy = true },
		[]string{"/proc/net/tcp shows each client"}, "the probe says 0 connections; from 127.0.0.1 (4)"},
	{"pooled connections of requests stay", func(b *bench, w *draintest.World) { w.PoolRequests = time.Minute },
		[]string{"pooled connections, type requests"}, "last seen 19."},
	{"pooled connections stay", func(b *bench, w *draintest.World) { w.PoolConnections = time.Minute },
		[]string{"pooled connections, type connections"}, "last seen 19."},
	{"checks leave connections", func(b *bench, w *draintest.World) { w.ChecksStay = true },
		[]string{"health checks leave no connection", "a release by flydrain"}, ""},
	{"a token goes otherwise", func(b *bench, w *draintest.World) { b.metrics.Token = "Bearer " + token },
		[]string{"how a token is sent"}, "FLY_API_TOKEN, a macaroon: FlyV1 401 Bearer 200"},
	{"metrics are fresh", func(b *bench, w *draintest.World) { b.metrics.Lag = 0 }, []string{"how late metrics are"}, "s"},
	{"an idle machine has no series", func(b *bench, w *draintest.World) {
		b.metrics.Samples = []draintest.BadSample{{Machine: idle}}
	}, []string{"the series of an idle machine"}, "no series"},
	{"a cordoned machine has no series", func(b *bench, w *draintest.World) {
		b.metrics.Samples = []draintest.BadSample{{Machine: blue, From: w.Now.Add(time.Minute)}}
	}, []string{"the series of a cordoned machine"}, "; 4 are open; the newest"},
	{"a forced instance is not reached", func(b *bench, w *draintest.World) { w.ForceFails = true },
		[]string{"fly-force-instance-id"}, "answered by another machine"},
	{"bluegreen cuts nothing", func(b *bench, w *draintest.World) {
		b.canary = func(ctx context.Context, _, _ string, open func()) (string, error) {
			open()
			<-ctx.Done()
			return "2 held, 0 ended by the server, 0 cut, 0 never open", nil
		}
	}, []string{"fly deploy --strategy bluegreen"}, "2 held"},
}

func TestWhatIsOtherwiseIsToldSo(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", token)
	for _, c := range switches {
		t.Run(c.name, func(t *testing.T) {
			onSimulatedFly(t, func(t *testing.T, b *bench) {
				b.fly.Do(func(w *draintest.World) { c.turn(b, w) })
				r, err := b.prove(t.Context())
				if err != nil {
					t.Error(err)
				}
				found := 0
				for _, f := range r.Facts {
					named := slices.ContainsFunc(c.facts, func(name string) bool { return strings.HasPrefix(f.Fact, name) })
					switch {
					case !named && f.Verdict == asBelieved:
					case named && f.Verdict == otherwise && strings.Contains(f.Seen, c.seen):
						found++
					default:
						t.Errorf("%s: %s: %s", f.Fact, f.Verdict, f.Seen)
					}
				}
				if found != len(c.facts) {
					t.Errorf("%d facts are otherwise, want %d", found, len(c.facts))
				}
				b.nothingIsLeft(t)
			})
		})
	}
}
