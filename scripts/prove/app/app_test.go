package main

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestTheAppSaysItsMachineAndStays(t *testing.T) {
	s := httptest.NewServer(handler("abc\n"))
	defer s.Close()
	defer s.CloseClientConnections()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	go serveTCP(raw, "abc\n")

	conn, err := net.Dial("tcp", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if line, err := bufio.NewReader(conn).ReadString('\n'); line != "abc\n" {
		t.Errorf("TCP: %q, %v", line, err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := conn.Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("TCP does not stay: %v", err)
	}

	ws, _, err := websocket.Dial(t.Context(), s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if _, text, err := ws.Read(t.Context()); string(text) != "abc\n" {
		t.Errorf("WebSocket: %q, %v", text, err)
	}
	ctx := ws.CloseRead(t.Context())
	if err := ws.Ping(t.Context()); err != nil || ctx.Err() != nil {
		t.Errorf("WebSocket does not stay: %v", err)
	}

	for path, stays := range map[string]bool{"/": false, "/stream": true} {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body := bufio.NewReader(res.Body)
		if line, err := body.ReadString('\n'); line != "abc\n" {
			t.Errorf("%s: %q, %v", path, line, err)
		}
		if !stays {
			if _, err := body.ReadByte(); err == nil {
				t.Errorf("%s does not end", path)
			}
		}
		res.Body.Close()
	}
}
