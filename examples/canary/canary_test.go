package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// far is a server that, when it is told to, says goodbye on the first connection of
// each kind, cuts the second, and keeps the rest.
type far struct {
	t    *testing.T
	mu   sync.Mutex
	seen map[string]int
	do   chan struct{}
	quit chan struct{}
}

func newFar(t *testing.T) *far {
	f := &far{t: t, seen: map[string]int{}, do: make(chan struct{}), quit: make(chan struct{})}
	t.Cleanup(func() { close(f.quit) })
	return f
}

// arrive gives a connection its number, when the server may act.
func (f *far) arrive(kind string) int {
	f.mu.Lock()
	f.seen[kind]++
	n := f.seen[kind]
	f.mu.Unlock()
	select {
	case <-f.do:
	case <-f.quit:
	}
	return n
}

func (f *far) tcp() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				switch f.arrive("tcp") {
				case 1: // closes
				case 2:
					_ = conn.(*net.TCPConn).SetLinger(0) // resets
				default:
					<-f.quit
				}
			}()
		}
	}()
	return "tcp://" + l.Addr().String()
}

func (f *far) http() string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			f.websocket(w, r)
			return
		}
		_, _ = io.WriteString(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		switch f.arrive("http") {
		case 1: // ends in order
		case 2:
			panic(http.ErrAbortHandler)
		default:
			select {
			case <-f.quit:
			case <-r.Context().Done():
			}
		}
	}))
	f.t.Cleanup(s.Close)
	return s.URL
}

func (f *far) websocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	switch f.arrive("ws") {
	case 1:
		_ = conn.Close(websocket.StatusGoingAway, "a deploy\x1b[2J")
	case 2: // CloseNow
	default:
		<-conn.CloseRead(context.Background()).Done()
	}
}

// listener acts on what the canary says.
type listener struct {
	bytes.Buffer
	on map[int]func() // by how many lines it has said
}

func (l *listener) Write(p []byte) (int, error) {
	n, err := l.Buffer.Write(p)
	if do := l.on[strings.Count(l.String(), "\n")]; do != nil {
		do()
	}
	return n, err
}

func TestCanaryTellsHeldEndedAndCutApart(t *testing.T) {
	f := newFar(t)
	web := f.http()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	// First it tells how many are open, then of the six that end.
	talk := &listener{on: map[int]func(){1: func() { close(f.do) }, 7: cancel}}
	var out bytes.Buffer
	code := run(ctx, []string{"-n", "4", "-json", f.tcp(), web + "/stream", strings.Replace(web, "http", "ws", 1) + "/ws"}, &out, talk)
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Held != 6 || r.Ended != 2 || r.Cut != 4 || r.Failed != 0 || len(r.Connections) != 12 {
		t.Errorf("%+v\n%s", r, talk)
	}
	kinds := map[string]int{}
	for _, c := range r.Connections {
		scheme, _, _ := strings.Cut(c.Address, ":")
		kinds[scheme+" "+string(c.Fate)]++
		if c.Opened.IsZero() || c.Ended.Before(c.Opened) || (c.Why == "") != (c.Fate == held) {
			t.Errorf("%+v", c)
		}
	}
	for kind, want := range map[string]int{"tcp held": 2, "tcp cut": 2, "http held": 2, "http ended": 1, "http cut": 1, "ws held": 2, "ws ended": 1, "ws cut": 1} {
		if kinds[kind] != want {
			t.Errorf("%d %s, want %d:\n%s", kinds[kind], kind, want, talk)
		}
	}
	if !strings.Contains(talk.String(), "12 of 12 connections are open") || !strings.HasSuffix(talk.String(), "6 held, 2 ended by the far end, 4 cut, 0 never open\n") || strings.Contains(talk.String(), "\x1b") {
		t.Errorf("%s", talk)
	}
}

func TestCanaryFailsWhereItCannotConnect(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	var talk bytes.Buffer
	code := run(t.Context(), []string{"-n", "1", "tcp://" + l.Addr().String(), gone.URL, "ws" + gone.URL[4:], "gopher://x"}, io.Discard, &talk)
	if code != 1 || !strings.HasSuffix(talk.String(), "0 held, 0 ended by the far end, 0 cut, 4 never open\n") {
		t.Errorf("exit code %d: %s", code, &talk)
	}
}

func TestCanaryHoldsForAsLongAsItIsTold(t *testing.T) {
	address := newFar(t).tcp() // that is told nothing
	begun := time.Now()
	code := run(t.Context(), []string{"-n", "1", "-for", "100ms", address}, io.Discard, io.Discard)
	if code != 0 || time.Since(begun) < 100*time.Millisecond {
		t.Errorf("exit code %d after %v", code, time.Since(begun))
	}
	if code := run(t.Context(), nil, io.Discard, io.Discard); code != 2 {
		t.Errorf("without an address: exit code %d", code)
	}
}
