package draintest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// visit connects to my-app, and returns what it says.
func visit(t *testing.T, f *Fly, kind, force string) (machine string, rest io.Reader, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	fail := func(err error) {
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
	}
	var body io.Reader
	switch transport := (&http.Transport{DialContext: f.Dial, DisableKeepAlives: true, Protocols: new(http.Protocols)}); kind {
	case "tcp":
		conn, err := f.Dial(ctx, "tcp", "my-app.fly.dev:9000")
		fail(err)
		context.AfterFunc(ctx, func() { conn.Close() })
		body = conn
	case "websocket":
		ws, _, err := websocket.Dial(ctx, "ws://my-app.fly.dev", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		fail(err)
		context.AfterFunc(ctx, func() { ws.CloseNow() })
		body = websocket.NetConn(ctx, ws, websocket.MessageText)
	default:
		transport.Protocols.SetHTTP1(kind != "h2")
		transport.Protocols.SetUnencryptedHTTP2(kind == "h2")
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://my-app.fly.dev/"+map[string]string{"h2": "stream", "stream": "stream"}[kind], nil)
		fail(err)
		req.Header.Set("Fly-Force-Instance-Id", force)
		res, err := transport.RoundTrip(req)
		fail(err)
		body = res.Body
	}
	lines := bufio.NewReader(body)
	line, err := lines.ReadString('\n')
	fail(err)
	return strings.TrimSpace(line), lines, cancel
}

// onEdge has an app of two machines that can be reached.
func onEdge(t *testing.T, do func(t *testing.T, f *Fly, ids []string)) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFly(nil)
		var ids []string
		f.Do(func(w *World) {
			if err := w.AddApp("my-app", "app=iad:2"); err != nil {
				t.Fatal(err)
			}
			ids = slices.Clone(w.Apps["my-app"].Machines)
			for _, m := range w.Live("my-app") {
				raw := m.Config.Services[0]
				raw.InternalPort, raw.Ports, raw.Checks = 9000, raw.Ports[:1:1], nil
				raw.Ports = append(raw.Ports[:0:0], raw.Ports...)
				raw.Ports[0].Port, raw.Ports[0].Handlers = 9000, nil
				m.Config.Services = append(m.Config.Services, raw)
			}
		})
		do(t, f, ids)
	})
}

func TestClientsLandAndAreCutWithTheirMachine(t *testing.T) {
	for _, kind := range []string{"tcp", "websocket", "stream", "h2"} {
		t.Run(kind, func(t *testing.T) {
			onEdge(t, func(t *testing.T, f *Fly, ids []string) {
				first, rest, end := visit(t, f, kind, "")
				defer end()
				second, _, leave := visit(t, f, kind, "")
				if first != ids[0] || second != ids[1] {
					t.Errorf("on %s and %s", first, second)
				}
				leave()
				time.Sleep(time.Second)
				f.Do(func(w *World) {
					if w.Open(ids[0]) != 1 || w.Open(ids[1]) != 0 || w.Account.Ended != 1 {
						t.Errorf("%v", w.Account)
					}
					w.Do(Action{Kind: "destroy", Machine: ids[0]})
				})
				if _, err := io.Copy(io.Discard, rest); kind != "tcp" && err == nil { // TCP just ends
					t.Error("it ended in order")
				}
			})
		})
	}
}

func TestAForcedClientLandsOnItsMachineOrNowhere(t *testing.T) {
	onEdge(t, func(t *testing.T, f *Fly, ids []string) {
		for range 2 {
			if machine, _, end := visit(t, f, "stream", ids[1]); machine != ids[1] {
				t.Errorf("on %s", machine)
				end()
			} else {
				end()
			}
		}
		if _, err := f.Dial(t.Context(), "tcp", "no-app.fly.dev:443"); err == nil {
			t.Error("an app that there is not was reached")
		}
		f.Do(func(w *World) { w.Do(Action{Kind: "destroy", Machine: ids[1]}) })
		conn, err := f.Dial(t.Context(), "tcp", "my-app.fly.dev:80")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: my-app.fly.dev\r\nFly-Force-Instance-Id: %s\r\n\r\n", ids[1])
		if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%v %v", res, err)
		}
	})
}

func TestTheConnectionOfARequestStaysForAMoment(t *testing.T) {
	onEdge(t, func(t *testing.T, f *Fly, ids []string) {
		f.Do(func(w *World) { w.Machine(ids[0]).Config.Services[0].Concurrency.Type = "requests" })
		rows := func() (n int) {
			out, _ := sh(t, f, 0, "machine", "exec", ids[0], "cat /proc/net/tcp", "-a", "my-app")
			return strings.Count(out, "0101A8C0:4E20 01")
		}
		_, _, end := visit(t, f, "request", ids[0])
		defer end()
		if n := rows(); n != 1 {
			t.Errorf("%d rows after a request", n)
		}
		time.Sleep(4 * time.Second)
		if n := rows(); n != 0 {
			t.Errorf("%d rows four seconds later", n)
		}
	})
}
