package main

import (
	"bufio"
	"bytes"
	"context"
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
	return &far{t: t, seen: map[string]int{}, do: make(chan struct{}), quit: make(chan struct{})}
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
	f.t.Cleanup(func() { close(f.quit); s.Close() })
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
	// First it tells how many are open, then of the four that end.
	talk := &listener{on: map[int]func(){1: func() { close(f.do) }, 5: cancel}}
	stream, socket := web+"/stream", strings.Replace(web, "http", "ws", 1)+"/ws"
	if code := run(ctx, []string{"-n", "4", stream, socket}, talk); code != 1 {
		t.Errorf("exit code %d", code)
	}
	for _, line := range []string{
		"8 of 8 connections are open\n", "4 held, 2 ended by the server, 2 cut, 0 never open\n",
		" ended: " + stream + " after ", " cut: " + stream + " after ", " ended: " + socket + " after ", " cut: " + socket + " after ",
	} {
		if strings.Count(talk.String(), line) != 1 {
			t.Errorf("%q is not in it once:\n%s", line, talk)
		}
	}
	if strings.Contains(talk.String(), "\x1b") || strings.Count(talk.String(), "\n") != 6 {
		t.Errorf("%s", talk)
	}
}

func TestCanaryFailsWhereItCannotConnect(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	closed := httptest.NewServer(nil)
	closed.Close() // nobody listens there now
	var talk bytes.Buffer
	code := run(t.Context(), []string{"-n", "1", closed.URL, gone.URL, "ws" + gone.URL[4:], "gopher://x"}, &talk)
	if code != 1 || !strings.HasSuffix(talk.String(), "0 held, 0 ended by the server, 0 cut, 4 never open\n") {
		t.Errorf("exit code %d: %s", code, &talk)
	}
}

// What is secret in an address is in no line, and no other server gets it.
func TestCanaryShowsNeitherUserNorQuery(t *testing.T) {
	other := make(chan *http.Request, 9)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { other <- r }))
	defer elsewhere.Close()
	seen := make(chan string, 9) // the first server's requests: they have all of it
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		seen <- user + ":" + password + "?" + r.URL.RawQuery
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case "/cut":
			panic(http.ErrAbortHandler)
		}
	}))
	defer s.Close()
	host := "hunter1:hunter2@" + strings.TrimPrefix(s.URL, "http://")
	for _, address := range []string{
		"http://" + host + "/moved", "http://" + host + "/ends", "http://" + host + "/cut", "ws://" + host + "/moved", "ws://" + host + "/cut",
		"http://hunter1:hunter2@127.0.0.1:1/", "ws://hunter1:hunter2@127.0.0.1:1/", "gopher://hunter1:hunter2@x/", "http://hunter1:hunter2@[::1/", "http://hunter1:hun ter2@x/", "%zz://hunter2",
	} {
		var talk bytes.Buffer
		run(t.Context(), []string{"-n", "1", address + "?token=hunter3"}, &talk)
		if strings.Contains(talk.String(), "hunter") || strings.Contains(talk.String(), "token") || strings.Count(talk.String(), "\n") != 3 {
			t.Errorf("%s: %s", address, &talk)
		}
	}
	if len(seen) != 5 || len(other) > 0 {
		t.Errorf("the servers got %d and %d requests", len(seen), len(other))
	}
	for range len(seen) {
		if got := <-seen; got != "hunter1:hunter2?token=hunter3" {
			t.Errorf("the first server got %s", got)
		}
	}
}

func TestCanaryHoldsForAsLongAsItIsTold(t *testing.T) {
	address := newFar(t).http() // that is told nothing
	begun := time.Now()
	code := run(t.Context(), []string{"-n", "1", "-for", "100ms", address}, io.Discard)
	if code != 0 || time.Since(begun) < 100*time.Millisecond {
		t.Errorf("exit code %d after %v", code, time.Since(begun))
	}
	if code := run(t.Context(), nil, io.Discard); code != 2 {
		t.Errorf("without an address: exit code %d", code)
	}
}

// A server chooses the words of its status, and which address it names.
func TestWhatAServerSaysIsSafeToPrint(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "OpaqueTokenWithoutAnyShape0123")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 400 \x1b[2J##[add-mask]x OpaqueTokenWithoutAnyShape0123\r\nContent-Length: 0\r\n\r\n")
			conn.Close()
		}
	}()
	var out bytes.Buffer
	address := "user:hunter2hunter2@" + l.Addr().String() + "/x?token=hunter2hunter2#hunter2hunter2"
	if code := run(t.Context(), []string{"-n", "1", "http://" + address, "ws://" + address, "http://[hunter2hunter2", "::add-mask::x"}, &out); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if code := run(t.Context(), []string{"-n", "OpaqueTokenWithoutAnyShape0123"}, &out); code != 2 {
		t.Errorf("exit code %d", code)
	}
	for _, raw := range []string{"\x1b", "##[", "\n::", "hunter2", "OpaqueToken"} {
		if strings.Contains(out.String(), raw) {
			t.Errorf("%q is in:\n%s", raw, &out)
		}
	}
	if !strings.Contains(out.String(), "400 ## [add-mask]x [token]") {
		t.Errorf("the status is not told:\n%s", &out)
	}
}
