package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// network is how clients reach an app.
type network struct {
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	plain bool // without TLS: a simulated Fly
}

const openWithin = 20 * time.Second

// internet is the real one, or that of a simulated Fly behind an HTTP proxy.
func internet(edge string) network {
	d := &net.Dialer{Timeout: openWithin}
	if edge == "" {
		return network{dial: d.DialContext}
	}
	return network{plain: true, dial: func(ctx context.Context, _, addr string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, "tcp", edge)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", addr)
		// Byte by byte: what comes after it is the app's.
		answer := make([]byte, 0, 64)
		for b := make([]byte, 1); err == nil && !strings.HasSuffix(string(answer), "\r\n\r\n"); answer = append(answer, b...) {
			_, err = io.ReadFull(conn, b)
		}
		if err == nil && !strings.Contains(string(answer), " 200 ") {
			status, _, _ := strings.Cut(string(answer), "\r\n")
			err = fmt.Errorf("the simulated Fly says: %s", status)
		}
		return conn, err
	}}
}

// visit is a connection to the app that is held.
type visit struct {
	kind, machine string
	close         func()
	ended         chan struct{} // closed when it has ended,
	why           error         // for this reason,
	at            time.Time     // and then
}

// over reports whether it has ended.
func (v *visit) over() bool {
	select {
	case <-v.ended:
		return true
	default:
		return false
	}
}

// open opens a connection of a kind, reads which machine it is on, and holds it. It is
// for the machine that is given, if any; raw TCP cannot be for one.
func (n network) open(app, kind, machine string) (*visit, error) {
	ctx, cancel := context.WithCancel(context.Background())
	v := &visit{kind: kind, ended: make(chan struct{}), close: cancel}
	late := time.AfterFunc(openWithin, cancel)
	body, err := n.begin(ctx, app, kind, machine)
	line := bufio.NewReader(body)
	if err == nil {
		v.machine, err = line.ReadString('\n')
		v.machine = strings.TrimSpace(v.machine)
	}
	if !late.Stop() && err != nil {
		err = fmt.Errorf("no answer in %v", openWithin)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	go func() {
		defer close(v.ended)
		_, v.why = io.Copy(io.Discard, line)
		v.why, v.at = cmp.Or(v.why, errors.New("the far end ended it")), time.Now()
	}()
	return v, nil
}

// begin opens a connection that ends with the context.
func (n network) begin(ctx context.Context, app, kind, machine string) (io.Reader, error) {
	if kind == "tcp" { // by IPv6: the IPv4 address, which apps share, is for web ports alone
		conn, err := n.dial(ctx, "tcp6", app+".fly.dev:9000")
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	// A transport of its own: HTTP/2 would put all requests on one connection.
	t := &http.Transport{DialContext: n.dial, DisableKeepAlives: true, Protocols: new(http.Protocols)}
	t.Protocols.SetHTTP1(kind != "h2")
	t.Protocols.SetHTTP2(kind == "h2")
	t.Protocols.SetUnencryptedHTTP2(kind == "h2" && n.plain)
	client, head := &http.Client{Transport: t}, http.Header{}
	if machine != "" {
		head.Set("Fly-Force-Instance-Id", machine)
	}
	if kind == "websocket" {
		ws, _, err := websocket.Dial(ctx, n.url("ws", app, "/ws"), &websocket.DialOptions{HTTPClient: client, HTTPHeader: head})
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = ws.CloseNow() })
		return websocket.NetConn(ctx, ws, websocket.MessageText), nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url("http", app, map[bool]string{true: "/", false: "/stream"}[kind == "request"]), nil)
	if err != nil {
		return nil, err
	}
	req.Header = head
	res, err := client.Do(req)
	if err == nil && res.StatusCode != http.StatusOK {
		err = errors.New(res.Status)
	}
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (n network) url(scheme, app, path string) string {
	return n.scheme(scheme) + "://" + app + ".fly.dev" + path
}

// scheme is http or ws, with TLS where there is some.
func (n network) scheme(plain string) string {
	if n.plain {
		return plain
	}
	return plain + "s"
}

// metrics asks Fly's metrics with one Authorization, and keeps what the last answer was.
type metrics struct {
	http.RoundTripper
	authorization string
	status        int
}

func (m *metrics) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", m.authorization)
	res, err := m.RoundTripper.RoundTrip(r)
	if err == nil {
		m.status = res.StatusCode
	}
	return res, err
}
