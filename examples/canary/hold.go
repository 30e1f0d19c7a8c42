package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const openWithin = 30 * time.Second

// fate is what became of a connection.
type fate string

const (
	held   fate = "held"
	ended  fate = "ended"
	cut    fate = "cut"
	failed fate = "failed"
)

// errGoodbye is how the far end ends a connection in order.
var errGoodbye = errors.New("the far end said goodbye")

// hold opens a connection, calls opened when it is open or cannot be, and holds it
// until it or the context ends. The error says why it is not held.
func hold(ctx context.Context, address string, opened func()) (fate, error) {
	// A transport of its own: HTTP/2 would put all requests on one connection.
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: openWithin}).DialContext,
		TLSHandshakeTimeout:   openWithin,
		ResponseHeaderTimeout: openWithin,
		ForceAttemptHTTP2:     true,
	}
	defer transport.CloseIdleConnections()
	// A redirect is not followed: the Referer would show the query to another server.
	stop := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &http.Client{Transport: transport, CheckRedirect: stop}

	open := openStream
	if strings.HasPrefix(address, "ws") {
		open = openWebSocket
	}
	stay, err := open(ctx, client, address)
	opened()
	var about *url.Error
	if errors.As(err, &about) {
		err = about.Err // without the address
	}
	if err != nil {
		return failed, err
	}
	err = stay()
	switch {
	case ctx.Err() != nil:
		return held, nil
	case errors.Is(err, errGoodbye):
		return ended, err
	}
	return cut, err
}

// public returns an address without what can be secret: no user, password or query.
func public(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an invalid address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
