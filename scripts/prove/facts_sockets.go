package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// remotes returns the remote ends of the established connections to a port, by how
// many there are, and the number of those that are not from the machine itself.
func (s *scene) remotes(ctx context.Context, id, port string) (ends map[string]int, n int, err error) {
	out, _, err := s.exec(ctx, id, "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat")
	if err == nil && out.ExitCode != 0 {
		err = errors.New(out.Stderr)
	}
	ends = map[string]int{}
	for line := range strings.Lines(out.Stdout) {
		if f := strings.Fields(line); len(f) > 3 && f[3] == "01" && strings.HasSuffix(f[1], ":"+port) {
			end := addressOf(f[2])
			if ends[end]++; end != "127.0.0.1" {
				n++
			}
		}
	}
	return ends, n, err
}

const web = "1F90" // 8080

// addressOf reads "0100007F:1F90": four bytes at a time, little-endian.
func addressOf(end string) string {
	digits, _, _ := strings.Cut(end, ":")
	raw, _ := hex.DecodeString(digits) // what is not a number is shown as it is
	for i := 0; i+4 <= len(raw); i += 4 {
		binary.BigEndian.PutUint32(raw[i:], binary.LittleEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	if !ok {
		return digits
	}
	return addr.Unmap().String()
}

var proxyRows = fact{
	"/proc/net/tcp shows each client", "the sockets probe counts at least as many as are held, so that none is missed",
	"probe.Sockets, and the rows of port 8080, on the cordoned machine",
	func(ctx context.Context, s *scene) (seen, error) {
		open := s.open()
		if open == 0 {
			return seen{}, errors.New("no connection is open")
		}
		m, err := s.machine(ctx, s.blue)
		if err != nil {
			return seen{}, err
		}
		r := probe.Sockets{}.Count(ctx, s.client, []flyctl.Machine{m})[s.blue]
		n, known := r.Connections()
		ends, _, err := s.remotes(ctx, s.blue, web)
		if err != nil {
			return seen{}, err
		}
		var from []string
		for _, end := range slices.Sorted(maps.Keys(ends)) {
			from = append(from, fmt.Sprintf("%s (%d)", end, ends[end]))
		}
		return see(known && n >= open, "held %d; the probe says %v; from %s", open, r, strings.Join(from, ", "))
	},
}

// pooledFor is how long the proxy keeps a connection without a request.
func pooledFor(kind string) fact {
	believed := map[string]string{"requests": "gone within 10 s of the request", "connections": "gone at once"}[kind]
	limit := map[string]time.Duration{"requests": 10 * time.Second, "connections": 4 * time.Second}[kind]
	return fact{
		"pooled connections, type " + kind, believed + ", so that a count falls to 0",
		"the rows of port 8080, again and again after one request",
		func(ctx context.Context, s *scene) (seen, error) {
			id := cmp.Or(s.idle, s.spare) // the spare is cordoned by then
			_, before, err := s.remotes(ctx, id, web)
			if err != nil {
				return seen{}, err
			}
			v, err := s.network.open(s.app, "request", id)
			if err != nil {
				return seen{}, err
			}
			v.close()
			if v.machine != id {
				return seen{}, fmt.Errorf("the request was answered by machine %s in place of %s", v.machine, id)
			}
			answered, last := time.Now(), time.Duration(0)
			err = s.watching(ctx, func() error {
				_, n, err := s.remotes(ctx, id, web)
				if n > before {
					last = time.Since(answered)
				}
				return err
			})
			if err != nil {
				return seen{}, err
			}
			if last == 0 {
				return see(true, "never seen after the request")
			}
			return see(last <= limit, "last seen %v after the request", last.Round(100*time.Millisecond))
		},
	}
}

var checksLeave = fact{
	"health checks leave no connection", "none is there on two looks in a row",
	"the rows of port 8080 on a cordoned machine that nobody is connected to",
	func(ctx context.Context, s *scene) (seen, error) {
		if s.spare == "" {
			return seen{}, errNoSpare
		}
		looks, with, row, longest := 0, 0, 0, 0
		err := s.watching(ctx, func() error {
			_, n, err := s.remotes(ctx, s.spare, web)
			if looks, row = looks+1, row+1; n == 0 {
				row = 0
			} else {
				with++
			}
			longest = max(longest, row)
			return err
		})
		if err != nil {
			return seen{}, err
		}
		return see(longest < 2, "there on %d of %d looks, on %d in a row at most", with, looks, longest)
	},
}
