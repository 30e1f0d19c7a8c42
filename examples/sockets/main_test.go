package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// pipes is a network inside the test.
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

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.in <- server
	return client, nil
}

// connect serves, and connects some clients.
func connect(t *testing.T, s *server, n int) (clients []*websocket.Conn, end func()) {
	network := pipes{make(chan net.Conn)}
	served := &http.Server{Handler: s}
	go served.Serve(network)
	transport := &http.Transport{DialContext: network.dial}
	for range n {
		c, _, err := websocket.Dial(t.Context(), "ws://sockets.test/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	return clients, func() { close(network.in); served.Close(); transport.CloseIdleConnections() }
}

// watch notes when each client's socket is closed, and with which status.
func watch(clients []*websocket.Conn) (closed func() (at []time.Time, odd []websocket.StatusCode)) {
	var mu sync.Mutex
	var at []time.Time
	var odd []websocket.StatusCode
	for _, c := range clients {
		go func() {
			_, _, err := c.Read(context.Background())
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Now())
			if status := websocket.CloseStatus(err); status != websocket.StatusServiceRestart {
				odd = append(odd, status)
			}
		}()
	}
	return func() ([]time.Time, []websocket.StatusCode) {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(at), odd
	}
}

func TestSocketsThatWouldLastForHoursAreClosedOneByOneWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{each: 50 * time.Millisecond}
		clients, end := connect(t, s, 100)
		defer end()
		closed := watch(clients)
		time.Sleep(5 * time.Hour)
		if at, _ := closed(); len(at) > 0 {
			t.Fatalf("%d sockets are closed, and nobody has told the server to drain", len(at))
		}
		told := time.Now()
		for range 2 {
			answer := httptest.NewRecorder()
			if s.drain(answer, nil); answer.Code != http.StatusOK || time.Since(told) > 0 {
				t.Errorf("answered %d after %v", answer.Code, time.Since(told))
			}
		}
		time.Sleep(time.Minute)
		at, odd := closed()
		if len(at) != 100 || len(odd) > 0 {
			t.Fatalf("%d sockets are closed, some with the status %v", len(at), odd)
		}
		if first, last := at[0].Sub(told), at[99].Sub(told); first > time.Second || last > 6*time.Second {
			t.Errorf("closed from %v to %v after it was told", first, last)
		}
		for i := 1; i < 100; i++ {
			if gap := at[i].Sub(at[i-1]); gap != s.each {
				t.Errorf("socket %d is closed %v after the one before", i+1, gap)
			}
		}
	})
}
