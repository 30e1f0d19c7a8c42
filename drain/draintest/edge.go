package draintest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// edge is Fly's proxy as the clients meet it, without TLS: the app NAME is at
// NAME.fly.dev. A port without handlers is TCP, any other HTTP/1.1 and HTTP/2. Every
// app answers with the id of the machine: a WebSocket and TCP at once, and stay; so
// does GET /stream; any other request is answered and over.
type edge struct {
	mu sync.Mutex
	driver
}

// edgeLook is how often a connection looks whether it was cut.
const edgeLook = 100 * time.Millisecond

func (e *edge) locked(f func(*World)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.do(f)
}

// dial connects to an app.
func (e *edge) dial(_ context.Context, _, addr string) (net.Conn, error) {
	app, port := address(addr)
	known, raw := false, false
	err := e.locked(func(w *World) {
		known = w.Apps[app] != nil
		_, raw = w.service(app, port)
	})
	if err == nil && !known {
		err = &net.DNSError{Err: "no such host", Name: addr, IsNotFound: true}
	}
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	if raw {
		go e.tcp(far, app, port)
	} else {
		go e.web(far)
	}
	return near, nil
}

// address splits NAME.fly.dev:PORT.
func address(addr string) (app string, port int) {
	host, number, _ := strings.Cut(addr, ":")
	if port, _ = strconv.Atoi(number); port == 0 { // none
		port = 80
	}
	app, _, _ = strings.Cut(host, ".")
	return app, port
}

// service returns the internal port behind a public one, and the group that has it.
func (w *World) service(app string, port int) (to conn, raw bool) {
	for _, m := range w.Live(app) {
		for _, s := range m.Config.Services {
			for _, p := range s.Ports {
				if p.Port == port {
					return conn{Group: m.Group(), Port: s.InternalPort}, len(p.Handlers) == 0
				}
			}
		}
	}
	return conn{}, false
}

// open lands a connection, on one machine only where one is named. It returns "" where
// none takes it.
func (e *edge) open(ctx context.Context, app string, port int, kind, force string) (id int, machine string) {
	c := &conn{App: app, Kind: kind}
	_ = e.locked(func(w *World) {
		to, _ := w.service(app, port)
		c.Group, c.Port = to.Group, to.Port
		w.join(c, force)
		id = c.ID
	})
	for look := time.Duration(0); ; look = edgeLook {
		there := false
		if wait(ctx, look) != nil || e.locked(func(w *World) {
			if c := w.Conns[id]; c != nil {
				there, machine = true, c.Machine
			}
		}) != nil || !there || machine != "" {
			return id, machine
		}
	}
}

// held returns when the client has ended a connection, or it was cut.
func (e *edge) held(ctx context.Context, id int) (cut bool) {
	for wait(ctx, edgeLook) == nil {
		if err := e.locked(func(w *World) { cut = w.Conns[id] == nil }); err != nil || cut {
			return true
		}
	}
	_ = e.locked(func(w *World) { w.end(id) })
	return false
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (e *edge) tcp(far net.Conn, app string, port int) {
	defer far.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, far) // until the client goes, or is cut
	}()
	if id, machine := e.open(ctx, app, port, "tcp", ""); machine != "" {
		fmt.Fprintln(far, machine)
		e.held(ctx, id)
	}
}

func (e *edge) web(far net.Conn) {
	s := &http.Server{Handler: e, Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	_ = s.Serve(&oneConn{Conn: far, over: make(chan struct{})}) // returns when that conn is closed
}

// oneConn is a listener for one connection, until that is closed.
type oneConn struct {
	net.Conn
	given bool
	once  sync.Once
	over  chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if !l.given {
		l.given = true
		return l, nil
	}
	<-l.over
	return nil, net.ErrClosed
}

func (l *oneConn) Addr() net.Addr { return l.LocalAddr() }

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.over) })
	return l.Conn.Close()
}

// ServeHTTP is the proxy, and the app behind it. Others' proxies connect to it by
// CONNECT, or ask it for a whole URL.
func (e *edge) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		e.connect(out, r)
		return
	}
	kind := "request"
	switch {
	case r.Header.Get("Upgrade") == "websocket":
		kind = "websocket"
	case r.URL.Path == "/stream" && r.ProtoMajor == 2:
		kind = "h2"
	case r.URL.Path == "/stream":
		kind = "stream"
	}
	app, port := address(r.Host)
	id, machine := e.open(r.Context(), app, port, kind, r.Header.Get("Fly-Force-Instance-Id"))
	if machine == "" {
		http.Error(out, "no machine takes it", http.StatusServiceUnavailable)
		return
	}
	cut := false
	switch kind {
	case "request":
		_ = e.locked(func(w *World) { w.answered(id) })
		fmt.Fprintln(out, machine)
	case "websocket":
		ws, err := websocket.Accept(out, r, nil)
		if err != nil {
			e.held(r.Context(), id)
			return
		}
		defer ws.CloseNow()
		_ = ws.Write(r.Context(), websocket.MessageText, []byte(machine+"\n"))
		e.held(ws.CloseRead(r.Context()), id)
	default:
		fmt.Fprintln(out, machine)
		out.(http.Flusher).Flush()
		cut = e.held(r.Context(), id)
	}
	if cut {
		panic(http.ErrAbortHandler)
	}
}

func (e *edge) connect(out http.ResponseWriter, r *http.Request) {
	far, err := e.dial(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadGateway)
		return
	}
	defer far.Close()
	near, _, err := http.NewResponseController(out).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	fmt.Fprint(near, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(far, near)
		far.Close()
	}()
	_, _ = io.Copy(near, far)
}
