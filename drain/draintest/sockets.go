package draintest

import (
	"cmp"
	"fmt"
	"strings"
)

const sockstatEnd = "FRAG: inuse 0 memory 0\n"

const socketHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

const socketHead6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// cat prints a machine's socket tables. Among the clients' connections are rows
// that are none: what listens, what the app opened itself, loopback, TIME_WAIT.
// Every third client came over IPv6's mapped addresses.
func (w *World) cat(m *Machine, files []string) (a ExecAnswer) {
	tables := w.tables(m)
	var out strings.Builder
	for _, f := range files {
		if text, ok := tables[f]; ok {
			out.WriteString(text)
		} else if f == "/mebibyte" { // in every image
			out.WriteString(strings.Repeat("x", 1<<20))
		} else {
			a.ExitCode = 1
			a.Stderr += fmt.Sprintf("cat: can't open '%s': No such file or directory\n", f)
		}
	}
	a.Stdout = out.String()
	return a
}

// socketTable is one of /proc/net/tcp and tcp6.
type socketTable struct {
	strings.Builder
	rows int
}

func (t *socketTable) add(local string, localPort int, remote string, remotePort int, state string) {
	fmt.Fprintf(t, "%4d: %s:%04X %s:%04X %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0000000000000000 20 4 30 10 -1\n",
		t.rows, local, localPort, remote, remotePort, state, 1000+t.rows)
	t.rows++
}

func (w *World) tables(m *Machine) map[string]string {
	const (
		any4, loop4 = "00000000", "0100007F"
		here4       = "0A01A8C0" // 192.168.1.10, little-endian
		any6        = "00000000000000000000000000000000"
		mapped      = "0000000000000000FFFF0000"
	)
	prox := "0101A8C0" // 192.168.1.1
	if w.LocalProxy {
		prox = loop4
	}
	var four, six socketTable
	four.WriteString(socketHead)
	six.WriteString(socketHead6)
	four.add(any4, 22, any4, 0, "0A")
	four.add(here4, 41000, "08080808", 443, "01") // the app's own
	var ports []int
	for _, s := range m.Config.Services {
		if s.Protocol != "udp" {
			ports = append(ports, s.InternalPort)
			four.add(any4, s.InternalPort, any4, 0, "0A")
			six.add(any6, s.InternalPort, any6, 0, "0A")
			four.add(loop4, s.InternalPort, loop4, 51000, "01")
			four.add(here4, s.InternalPort, prox, 52000, "06")
		}
	}
	for i, port := range w.connected(m, ports) {
		remote := 20000 + i%40000
		if i%3 == 2 {
			six.add(mapped+here4, port, mapped+prox, remote, "01")
		} else {
			four.add(here4, port, prox, remote, "01")
		}
	}
	all := four.rows + six.rows
	return map[string]string{
		"/proc/net/tcp":      four.String(),
		"/proc/net/tcp6":     six.String(),
		"/proc/net/sockstat": fmt.Sprintf("sockets: used %d\nTCP: inuse %d orphan 0 tw 1 alloc %d mem 3\nUDP: inuse 0 mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\n"+sockstatEnd, all+3, four.rows, all),
	}
}

// connected returns the port of each connection that the proxy, or a check, has to a
// machine; connections of no port of their own are spread.
func (w *World) connected(m *Machine, ports []int) (all []int) {
	if len(ports) == 0 {
		return nil
	}
	for i, c := range m.clients() {
		all = append(all, cmp.Or(c.Port, ports[i%len(ports)]))
	}
	for _, p := range m.Pooled {
		if p.Until.After(w.Now) {
			all = append(all, p.Port)
		}
	}
	if w.ChecksStay {
		all = append(all, ports[0])
	}
	return all
}
