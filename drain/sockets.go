package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Sockets is the [Probe] that needs nothing but "cat" in the image: it counts
// the rows of the kernel's TCP tables whose local port is the internal port of
// one of the machine's services, of IPv4 and IPv6, by one "machine exec" a
// machine. What counts is ESTABLISHED, or closing with bytes that the other end
// has not acknowledged yet. Rows between two ends inside the machine do not.
//
// The proxy may keep idle connections to a machine for some seconds, and health
// checks connect for a moment, so a count can be too high. It is unknown, and not
// too low, where the tables are not whole, and where they cannot show who is
// connected:
//
//   - a UDP service: its clients have no rows;
//   - an image without "cat", as distroless ones are;
//   - a machine with containers whose services' ports nothing listens on in the
//     container that flyctl chooses, which is the first one;
//   - a healthy machine in which nothing listens on a port of its services.
//
// It does not see a client that has closed its own half of a connection, and
// waits for an answer of which nothing has been written yet; nor connections that
// the image itself hands on to another port or network (iptables, Docker in the
// machine), where something listens on the service's port all the same. Use
// [Prometheus] or [Exec] there.
type Sockets struct{}

// socketTables are read by one command; the last tells that the others are whole.
const socketTables = "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat"

// Count reads the tables of each machine, at most [flyctl.MaxParallel] side by side.
func (Sockets) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	return beside(ctx, machines, func(ctx context.Context, m flyctl.Machine) Reading { return countSockets(ctx, fly, m) })
}

func countSockets(ctx context.Context, fly *flyctl.Client, m flyctl.Machine) Reading {
	ports, err := servicePorts(m)
	if err != nil {
		return Unknown(err.Error())
	}
	out, err := execute(ctx, fly, m.ID, socketTables)
	if err != nil {
		return Unknown(err.Error())
	}
	sockets, err := parseSockets(out)
	if err != nil {
		return Unknown(err.Error())
	}
	n := 0
	var silent []uint16
	for _, port := range ports {
		n += sockets.connected[port]
		if !sockets.listening[port] && sockets.connected[port] == 0 {
			silent = append(silent, port)
		}
	}
	switch {
	case len(m.Config.Containers) > 0 && len(silent) > 0:
		return Unknown(fmt.Sprintf("nothing listens on port %d in the first container: which of the containers serves it is not known", silent[0]))
	case len(silent) == len(ports) && m.Healthy() && m.ConfiguredChecks() > 0:
		return Unknown(fmt.Sprintf("nothing listens on port %d, and yet the machine is healthy: who is connected does not show in its socket tables", silent[0]))
	}
	return Known(n)
}

// servicePorts are the ports inside the machine, each once, that the proxy
// connects to. (A service's range of public ports leads to one port inside.)
func servicePorts(m flyctl.Machine) ([]uint16, error) {
	var ports []uint16
	for _, s := range m.Config.Services {
		switch {
		case s.Protocol == "udp":
			return nil, errors.New("a UDP service has no connections that could be counted")
		case s.InternalPort < 1 || s.InternalPort > 65535:
			return nil, fmt.Errorf("a service without an internal port (%d)", s.InternalPort)
		case !slices.Contains(ports, uint16(s.InternalPort)):
			ports = append(ports, uint16(s.InternalPort))
		}
	}
	if len(ports) == 0 {
		return nil, errors.New("the machine has no services, so no ports whose connections could be counted")
	}
	return ports, nil
}
