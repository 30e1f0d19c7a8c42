package drain

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Sockets is the [Probe] that needs nothing but "cat" in the image: it counts
// the ESTABLISHED rows of the kernel's TCP tables whose local port is the
// internal port of one of the machine's services. Rows between two ends inside
// the machine do not count. UDP has no such rows: a machine with a UDP service
// is unknown.
//
// The proxy may keep idle connections to a machine for some seconds, and health
// checks connect for a moment, so a count can be too high, never too low.
type Sockets struct{}

// socketTables are read by one command; the last tells that the others are whole.
const socketTables = "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat"

// Count reads the tables of each machine by one "machine exec", side by side.
func (Sockets) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	readings := make([]Reading, len(machines))
	var g errgroup.Group
	g.SetLimit(flyctl.MaxParallel)
	for i, m := range machines {
		g.Go(func() error {
			readings[i] = countSockets(ctx, fly, m)
			return nil
		})
	}
	_ = g.Wait()
	out := make(map[string]Reading, len(machines))
	for i, m := range machines {
		out[m.ID] = readings[i]
	}
	return out
}

func countSockets(ctx context.Context, fly *flyctl.Client, m flyctl.Machine) Reading {
	var ports []uint16
	for _, s := range m.Config.Services {
		if s.Protocol == "udp" {
			return Unknown("a UDP service has no connections that could be counted")
		}
		if s.InternalPort < 1 || s.InternalPort > 65535 {
			return Unknown(fmt.Sprintf("a service without an internal port (%d)", s.InternalPort))
		}
		ports = append(ports, uint16(s.InternalPort))
	}
	res, err := fly.Exec(ctx, m.ID, socketTables)
	if err != nil {
		return Unknown(err.Error())
	}
	if res.ExitCode != 0 {
		text, _, _ := strings.Cut(strings.TrimSpace(res.Stderr), "\n")
		return Unknown(fmt.Sprintf("cat ended with exit code %d in the machine (is it in the image?) %.120q", res.ExitCode, text))
	}
	n, err := parseSockets(res.Stdout, ports)
	if err != nil {
		return Unknown(err.Error())
	}
	return Known(n)
}

// established is the state's number in the tables (include/net/tcp_states.h).
const established = "01"

// parseSockets counts the established rows on these ports. It wants both
// tables, and all of sockstat after them: else the answer has been cut off.
func parseSockets(text string, ports []uint16) (int, error) {
	n, tables, sockstat, last := 0, 0, 0, ""
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		last = line
		switch {
		case len(fields) == 0:
			return 0, errors.New("an empty line in the socket tables")
		case fields[0] == "sl":
			tables++
		case strings.HasSuffix(fields[0], ":") && !startsWithDigit(fields[0]):
			sockstat++ // "sockets: used 5", then "TCP: inuse 3 …"
		case tables == 0 || sockstat > 0:
			return 0, fmt.Errorf("not a socket table: %.80q", line)
		default:
			counts, err := parseSocket(fields, ports)
			if err != nil {
				return 0, fmt.Errorf("socket table: %w: %.120q", err, line)
			}
			if counts {
				n++
			}
		}
	}
	if tables != 2 || !strings.HasPrefix(last, lastOfSockstat) || !strings.HasSuffix(last, "\n") {
		return 0, errors.New("the socket tables were cut off")
	}
	return n, nil
}

// lastOfSockstat begins the last line of /proc/net/sockstat (net/ipv4/proc.c).
const lastOfSockstat = "FRAG:"

func startsWithDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

// parseSocket tells whether a row is a connection from outside to one of the ports.
func parseSocket(fields []string, ports []uint16) (bool, error) {
	if len(fields) < 4 || len(fields[3]) != 2 {
		return false, errors.New("too few columns")
	}
	local, err := parseEndpoint(fields[1])
	if err != nil {
		return false, err
	}
	remote, err := parseEndpoint(fields[2])
	if err != nil {
		return false, err
	}
	if _, err := hex.DecodeString(fields[3]); err != nil {
		return false, err
	}
	return fields[3] == established && slices.Contains(ports, local.Port()) &&
		!remote.Addr().Unmap().IsLoopback(), nil
}

// parseEndpoint reads "0100007F:1F90": the address in the kernel's byte order,
// four bytes at a time, and the port. Fly's machines are little-endian.
func parseEndpoint(s string) (netip.AddrPort, error) {
	addr, port, ok := strings.Cut(s, ":")
	raw, err := hex.DecodeString(addr)
	if !ok || err != nil || len(raw) != 4 && len(raw) != 16 || len(port) != 4 {
		return netip.AddrPort{}, fmt.Errorf("%q is no address", s)
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	p, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	a, _ := netip.AddrFromSlice(raw) // 4 or 16 bytes, as checked
	return netip.AddrPortFrom(a, uint16(p)), nil
}
