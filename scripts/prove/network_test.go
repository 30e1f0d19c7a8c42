package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

func TestWithoutAnAddressForTCPTheRestIsSeen(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "")
	t.Setenv("FLY_ACCESS_TOKEN", "")
	onSimulatedFly(t, func(t *testing.T, b *bench) {
		dial := b.network.dial
		b.network.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if network == "tcp6" {
				return nil, errors.New("network is unreachable")
			}
			return dial(ctx, network, addr)
		}
		r, err := b.prove(t.Context())
		if err != nil {
			t.Error(err)
		}
		unseen := map[string]string{"a cordoned machine keeps its raw TCP connection": "could not be opened: network is unreachable"}
		for _, f := range r.Facts {
			metrics := strings.Contains(f.Fact, "metrics") || strings.Contains(f.Fact, "series")
			if why, ok := unseen[f.Fact]; ok || metrics {
				if f.Verdict != notSeen || why != "" && f.Seen != why {
					t.Errorf("%s: %s: %s", f.Fact, f.Verdict, f.Seen)
				}
			} else if f.Verdict != asBelieved {
				t.Errorf("%s: %s: %s", f.Fact, f.Verdict, f.Seen)
			}
		}
	})
}
