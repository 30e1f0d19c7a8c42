package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// openStream requests a response. The function it returns reads that to its end.
func openStream(ctx context.Context, client *http.Client, address string) (read func() error, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return func() error {
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		return fmt.Errorf("%w: the body ended", errEnded)
	}, nil
}

// openWebSocket opens a WebSocket. The function it returns reads until that ends.
func openWebSocket(ctx context.Context, client *http.Client, address string) (read func() error, err error) {
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(-1)
	return func() error {
		defer conn.CloseNow()
		go ping(ctx, conn)
		for {
			_, r, err := conn.Reader(ctx)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if status := websocket.CloseStatus(err); status >= 0 {
				return fmt.Errorf("%w: close frame %d", errEnded, status)
			}
			if err != nil {
				return err
			}
		}
	}, nil
}

// ping closes a connection whose server does not answer any more.
func ping(ctx context.Context, conn *websocket.Conn) {
	const every = 10 * time.Second
	for {
		answer, cancel := context.WithTimeout(ctx, every)
		err := conn.Ping(answer)
		cancel()
		if err != nil {
			conn.CloseNow()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// errEnded is in the error of a connection that the server ended in order.
var errEnded = errors.New("the server ended it")
