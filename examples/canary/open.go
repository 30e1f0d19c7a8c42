package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

const (
	openWithin = 30 * time.Second
	pingEvery  = 10 * time.Second
)

// open connects. It returns what holds the connection and says how it ended.
func (c *connection) open(ctx context.Context) (stay func(context.Context) error, err error) {
	u, err := url.Parse(c.Address)
	if err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "tcp":
		return openTCP(ctx, u.Host)
	case "http", "https":
		return openStream(ctx, c.Address)
	case "ws", "wss":
		return openWebSocket(ctx, c.Address)
	}
	return nil, fmt.Errorf("%s: want tcp://, http://, https://, ws:// or wss://", c.Address)
}

func openTCP(ctx context.Context, address string) (func(context.Context) error, error) {
	// Keep-alives find out that the far end is gone without a word.
	d := net.Dialer{Timeout: openWithin, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: pingEvery, Interval: 5 * time.Second, Count: 3}}
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		if _, err := io.Copy(io.Discard, conn); err != nil {
			return err
		}
		return io.EOF
	}, nil
}

func openStream(ctx context.Context, address string) (func(context.Context) error, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	// A transport of its own: HTTP/2 would put all requests on one connection.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, ResponseHeaderTimeout: openWithin}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("%s", resp.Status)
	}
	return func(context.Context) error {
		defer transport.CloseIdleConnections()
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		return fmt.Errorf("%w: the body ended", errGoodbye)
	}, nil
}

func openWebSocket(ctx context.Context, address string) (func(context.Context) error, error) {
	dial, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	conn, resp, err := websocket.Dial(dial, address, nil)
	if err != nil {
		if resp != nil {
			err = fmt.Errorf("%s: %w", resp.Status, err)
		}
		return nil, err
	}
	conn.SetReadLimit(-1)
	return func(ctx context.Context) error {
		defer conn.CloseNow()
		go ping(ctx, conn)
		for {
			_, r, err := conn.Reader(ctx)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if status := websocket.CloseStatus(err); status >= 0 {
				return fmt.Errorf("%w: close frame %d", errGoodbye, status)
			}
			if err != nil {
				return err
			}
		}
	}, nil
}

// ping closes a connection that does not answer.
func ping(ctx context.Context, conn *websocket.Conn) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pingEvery):
		}
		answer, cancel := context.WithTimeout(ctx, pingEvery)
		err := conn.Ping(answer)
		cancel()
		if err != nil {
			conn.CloseNow()
			return
		}
	}
}
