package probe

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// The states of a socket, as the kernel's tables number them
// (include/net/tcp_states.h). In the other states nothing can be lost: the
// connection is not made yet, or both ends have all that was sent.
const (
	established = "01"
	finWait1    = "04" // we have closed it, and the other end has not acknowledged
	closeWait   = "08" // the other end has closed its half
	lastAck     = "09" // both ends have closed it, and the other has not acknowledged
	listening   = "0A"
	closing     = "0B" // the same, both at once
)

// sockets is what the tables say, by local port.
type sockets struct {
	connected map[uint16]int
	listening map[uint16]bool
	open      []ends // what counts, unless its other end is a row too
	rows      map[ends]bool
}

// ends are a socket's two, its own first.
type ends struct{ local, remote netip.AddrPort }

// lastOfSockstat begins the last line of /proc/net/sockstat (net/ipv4/proc.c).
const lastOfSockstat = "FRAG:"

// parseSockets reads /proc/net/tcp, /proc/net/tcp6 and /proc/net/sockstat, one
// after another. All three must be complete: the tables number their rows, so a
// missing part shows, and sockstat's last line proves that the end is there.
func parseSockets(text string) (sockets, error) {
	s := sockets{connected: map[uint16]int{}, listening: map[uint16]bool{}, rows: map[ends]bool{}}
	tables, rows, sockstat, last := 0, 0, 0, ""
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		last = line
		switch {
		case len(fields) == 0:
			return s, errors.New("empty line in the socket tables")
		case fields[0] == "sl" && sockstat == 0:
			tables, rows = tables+1, 0
		case strings.HasSuffix(fields[0], ":") && !startsWithDigit(fields[0]) && tables == 2:
			sockstat++ // "sockets: used 5", then "TCP: inuse 3 …"
		case tables == 0 || tables > 2 || sockstat > 0:
			return s, fmt.Errorf("not a socket table: %.80q", line)
		default:
			if fields[0] != strconv.Itoa(rows)+":" {
				return s, fmt.Errorf("part of the socket tables is missing before row %.80q", line)
			}
			rows++
			if err := s.add(fields, tables); err != nil {
				return s, fmt.Errorf("socket table: %w: %.120q", err, line)
			}
		}
	}
	if tables != 2 || sockstat < 2 || !strings.HasPrefix(last, lastOfSockstat) || !strings.HasSuffix(last, "\n") {
		return s, errors.New("the socket tables were cut off")
	}
	for _, e := range s.open {
		if !s.rows[ends{e.remote, e.local}] {
			s.connected[e.local.Port()]++
		}
	}
	return s, nil
}

func startsWithDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

// add notes a row of the first table, IPv4, or of the second, IPv6. A connection counts
// unless its other end is inside the machine: at loopback, at the address of its own end,
// or another row of the tables. A socket's address alone would not do: a proxy inside the
// machine can have sockets with the addresses of its clients (IP_TRANSPARENT).
//
//	0: 0A01A8C0:1F90 0101A8C0:4E20 01 00000000:00000000 00:00000000 00000000  0  0 1000 …
func (s *sockets) add(fields []string, table int) error {
	if len(fields) < 10 {
		return errors.New("too few columns")
	}
	local, err := parseEndpoint(fields[1], table)
	if err != nil {
		return err
	}
	remote, err := parseEndpoint(fields[2], table)
	if err != nil {
		return err
	}
	state := fields[3]
	if _, err := hex.DecodeString(state); err != nil || len(state) != 2 {
		return fmt.Errorf("bad socket state %q", state)
	}
	send, _, ok := strings.Cut(fields[4], ":")
	unsent, err := strconv.ParseUint(send, 16, 32)
	if err != nil || !ok {
		return fmt.Errorf("bad queue column %q", fields[4])
	}
	counts := false
	switch state {
	case listening:
		s.listening[local.Port()] = true
		return nil
	case established, finWait1, lastAck, closing:
		counts = true
	case closeWait:
		counts = unsent > 0 // many apps forget to close these
	}
	e := ends{local, remote}
	s.rows[e] = true
	if from := remote.Addr(); counts && !from.IsLoopback() && from != local.Addr() {
		s.open = append(s.open, e)
	}
	return nil
}

// parseEndpoint reads "0100007F:1F90": the address in the kernel's byte order,
// four bytes at a time, and the port. Fly's machines are little-endian.
func parseEndpoint(s string, table int) (netip.AddrPort, error) {
	addr, port, ok := strings.Cut(s, ":")
	raw, err := hex.DecodeString(addr)
	if !ok || err != nil || table == 1 && len(raw) != 4 || table == 2 && len(raw) != 16 || len(port) != 4 {
		return netip.AddrPort{}, fmt.Errorf("bad address %q", s)
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	p, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("bad port %q", port)
	}
	a, _ := netip.AddrFromSlice(raw) // 4 or 16 bytes, as checked
	return netip.AddrPortFrom(a.Unmap(), uint16(p)), nil
}
