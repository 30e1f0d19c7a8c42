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

// hold opens a connection and holds it until it ends, or the context does. It calls
// opened when the connection is open, or cannot be opened. The error says why the
// connection is not held.
func hold(ctx context.Context, address string, opened func()) (fate, error) {
	// Each connection has its own transport: HTTP/2 would put all requests on one.
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: openWithin}).DialContext,
		TLSHandshakeTimeout:   openWithin,
		ResponseHeaderTimeout: openWithin,
		ForceAttemptHTTP2:     true,
	}
	defer transport.CloseIdleConnections()
	// A redirect is not followed: the Referer would show the query to another server.
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}

	open := openStream
	if strings.HasPrefix(address, "ws") {
		open = openWebSocket
	}
	read, err := open(ctx, client, address)
	opened()
	if err != nil {
		return failed, withoutAddress(err)
	}
	err = read() // until it ends
	switch {
	case ctx.Err() != nil:
		return held, nil
	case errors.Is(err, errEnded):
		return ended, err
	}
	return cut, err
}

// withoutAddress returns an error without the address, which can hold a secret.
func withoutAddress(err error) error {
	var about *url.Error
	if errors.As(err, &about) {
		return about.Err
	}
	return err
}

// public returns an address without its user, password and query, which can be secret.
func public(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an invalid address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
