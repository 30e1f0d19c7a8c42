package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	sockets   = 100
	stay      = 8 * time.Hour         // how long a client keeps its socket, unless the server closes it
	each      = 50 * time.Millisecond // between two sockets that a server closes
	drainThis = "/app/sockets drain"
)

// fly is a simulated Fly in whose machines servers of ours run, and their clients.
type fly struct {
	*testing.T
	*draintest.Fly
	mu      sync.Mutex
	servers map[string]*server       // by machine
	network map[string]chan net.Conn // of each machine
	closed  []time.Time              // when servers closed sockets, so that their clients connected again
	clients sync.WaitGroup
}

// pipes is the network of a machine, inside the test.
type pipes struct{ in chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p.in
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }
func (p pipes) Close() error   { return nil }

// machine returns the server in a machine, and the network to it.
func (f *fly) machine(id string) (*server, chan net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.servers[id] == nil {
		s, in := &server{each: each}, make(chan net.Conn)
		f.servers[id], f.network[id] = s, in
		served := &http.Server{Handler: s}
		go served.Serve(pipes{in})
		f.Cleanup(func() { close(in); served.Close() })
	}
	return f.servers[id], f.network[id]
}

// dial connects a client to the machine that Fly's proxy chooses.
func (f *fly) dial() (c *websocket.Conn, id string) {
	f.Do(func(w *draintest.World) {
		before := map[string]int{}
		for _, m := range w.Live("my-app") {
			before[m.ID] = w.Open(m.ID)
		}
		w.Connect("my-app", "app", "iad", 1, 0)
		for _, m := range w.Live("my-app") {
			if w.Open(m.ID) > before[m.ID] {
				id = m.ID
			}
		}
	})
	_, in := f.machine(id)
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		in <- server
		return client, nil
	}}
	c, _, err := websocket.Dial(context.Background(), "ws://sockets.test/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		f.Error(err)
	}
	return c, id
}

// client keeps a socket, and connects again as often as a server closes it.
func (f *fly) client() {
	defer f.clients.Done()
	ctx, cancel := context.WithTimeout(context.Background(), stay)
	defer cancel()
	for ctx.Err() == nil {
		c, id := f.dial()
		_, _, err := c.Read(ctx)
		f.Do(func(w *draintest.World) { w.HangUp(id, 1) })
		if ctx.Err() != nil {
			c.CloseNow()
			return
		}
		if status := websocket.CloseStatus(err); status != websocket.StatusServiceRestart {
			f.Errorf("a socket of %s was closed: %v", id, err)
			return
		}
		f.mu.Lock()
		f.closed = append(f.closed, time.Now())
		f.mu.Unlock()
	}
}

// runner is flyctl, but for the command that runs a server's drain.
func (f *fly) runner() flyctl.Runner {
	run := f.Runner()
	return func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		if len(cmd.Args) > 3 && cmd.Args[1] == "exec" && cmd.Args[3] == drainThis {
			s, _ := f.machine(cmd.Args[2])
			for range 2 { // to be told twice is the same as once
				s.drain(httptest.NewRecorder(), nil)
			}
		}
		return run(ctx, cmd)
	}
}

// released releases v2 while the sockets of v1 are an hour old, and returns how long
// that took, and when the servers of v1 closed sockets.
func released(t *testing.T, onDrain string) (took time.Duration, closed []time.Time) {
	synctest.Test(t, func(t *testing.T) {
		f := &fly{T: t, Fly: draintest.NewFly(nil), servers: map[string]*server{}, network: map[string]chan net.Conn{}}
		f.Do(func(w *draintest.World) {
			if err := w.AddApp("my-app", "app=iad:2"); err != nil {
				t.Fatal(err)
			}
			answers := map[string]draintest.ExecAnswer{drainThis: {}}
			w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{Exec: answers}
		})
		for range sockets {
			f.clients.Add(1)
			go f.client()
		}
		time.Sleep(time.Hour)
		r := drain.New("my-app")
		r.Apps[0].Image, r.Flyctl, r.OnDrain = "registry.fly.io/my-app:v2", f.runner(), onDrain
		begun := time.Now()
		report, err := r.Deploy(t.Context())
		took = time.Since(begun)
		if err != nil || len(report.Apps[0].Destroyed) != 2 {
			t.Errorf("%v: %v", report, err)
		}
		f.clients.Wait()
		f.Do(func(w *draintest.World) {
			if len(w.Breaches) > 0 || w.Account.Cut > 0 || w.Account.Opened != sockets+len(f.closed) {
				t.Errorf("%v %v", w.Breaches, w.Account)
			}
		})
		closed = f.closed
	})
	return took, closed
}

func TestAReleaseOfAServerThatIsToldToDrainTakesSecondsWhereItTookHours(t *testing.T) {
	if took, closed := released(t, ""); took < stay-2*time.Hour || len(closed) > 0 {
		t.Errorf("without a drain command it took %v, and the servers closed %d sockets", took, len(closed))
	}
	took, closed := released(t, drainThis)
	if took > time.Minute || len(closed) != sockets {
		t.Errorf("with one it took %v, and the servers closed %d sockets", took, len(closed))
	}
	for i := 2; i < len(closed); i++ { // of two machines
		if gap := closed[i].Sub(closed[i-2]); gap != each {
			t.Errorf("socket %d was closed %v after the one before in its machine", i, gap)
		}
	}
}
