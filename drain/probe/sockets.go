package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Sockets is a [Probe] that needs nothing but "cat" in the image. It reads the
// kernel's TCP tables, of IPv4 and IPv6, by one "machine exec" per machine, and
// counts the connections to the internal ports of the machine's services: those
// that are ESTABLISHED, and closing ones with bytes that the other end has not
// acknowledged yet. Connections from inside the machine do not count.
//
// A count can be too high: the proxy may keep idle connections to a machine for
// some seconds, and health checks connect for a moment. Where the tables are
// incomplete, or cannot show who is connected, the count is unknown:
//
//   - a UDP service: its clients have no rows;
//   - an image without "cat", such as a distroless one;
//   - a machine with containers, if the one that is asked has no "cat", or shows
//     nothing that listens on the services' ports. Containers share their machine's
//     network, so any that has "cat" will do: name it as Container;
//   - tables that are longer than flyctl passes on, which is 10 MiB: some ten thousand
//     connections or more;
//   - a healthy machine in which nothing listens on the services' ports.
//
// Sockets does not see a client that has closed its own half of a connection and
// waits for an answer that the app has not begun to write. Nor does it see
// connections that the image forwards to another port or network (iptables, Docker
// in the machine) while something listens on the service's port. Use [Prometheus]
// or [Exec] there.
type Sockets struct {
	Container string // of a machine with containers: the one to ask; "" lets Fly choose. Needs flyctl v0.4.84 or newer
}

// socketTables reads all tables. The last one shows that the others are complete.
const socketTables = "cat /proc/net/tcp /proc/net/tcp6 /proc/net/sockstat"

// Count reads the tables of each machine, at most [flyctl.MaxParallel] side by side.
func (s Sockets) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	return beside(ctx, machines, func(ctx context.Context, m flyctl.Machine) Reading { return s.count(ctx, fly, m) })
}

func (s Sockets) count(ctx context.Context, fly *flyctl.Client, m flyctl.Machine) Reading {
	ports, err := servicePorts(m)
	if err != nil {
		return unseen(err)
	}
	out, err := execute(ctx, fly, m, socketTables, s.Container)
	switch {
	case errors.Is(err, errContainers):
		return Unknown(err.Error())
	case errors.Is(err, errNoProgram):
		return unseen(err)
	case err != nil:
		return Unknown(err.Error())
	}
	sockets, err := parseSockets(out)
	if err != nil {
		return unseen(err)
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
		return Unknown(fmt.Sprintf("nothing listens on port %d in the container that was asked: name another one (-probe-container)", silent[0]))
	case len(silent) == len(ports) && m.Healthy() && m.ConfiguredChecks() > 0:
		return unseen(fmt.Errorf("nothing listens on port %d although the machine is healthy: its socket tables do not show its connections", silent[0]))
	}
	return Known(n)
}

// unseen is the reading of a machine whose sockets cannot show its connections.
func unseen(err error) Reading {
	return Unknown(err.Error() + "; to count another way: -probe prometheus, or -probe exec=CMD")
}

// servicePorts returns the ports inside the machine that the proxy connects to,
// each once. (A service's range of public ports leads to one port inside.)
func servicePorts(m flyctl.Machine) ([]uint16, error) {
	var ports []uint16
	for _, s := range m.Config.Services {
		switch {
		case s.Protocol == "udp":
			return nil, errors.New("a UDP service has no connections to count")
		case s.InternalPort < 1 || s.InternalPort > 65535:
			return nil, fmt.Errorf("the internal port %d of a service is not valid", s.InternalPort)
		case !slices.Contains(ports, uint16(s.InternalPort)):
			ports = append(ports, uint16(s.InternalPort))
		}
	}
	if len(ports) == 0 {
		return nil, errors.New("the machine has no services, so there are no ports to count connections on")
	}
	return ports, nil
}
