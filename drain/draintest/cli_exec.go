package draintest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

func (s *session) execute() error {
	id, cmd := "", s.pos[0]
	if len(s.pos) == 2 {
		id, cmd = s.pos[0], s.pos[1]
	}
	if s.text("container") != "" && s.on("no-container") {
		return errors.New("--container and --no-container are mutually exclusive")
	}
	var ids []string
	if id != "" {
		ids = []string{id}
	}
	if _, err := s.fetch(ids); err != nil {
		return err
	}
	var answer ExecAnswer
	var whole []byte
	told := func(w *World, err error) {
		tells := len(whole) - len("\n")
		known, n := err == nil && answer.ExitCode == 0 && (!s.fault.Cut || s.fault.Keep >= tells), 0
		if strings.Contains(cmd, "/proc/net/tcp") {
			known = known && strings.HasSuffix(answer.Stdout, sockstatEnd)
			n = w.Open(id)
		} else if v, err := strconv.Atoi(strings.TrimSpace(answer.Stdout)); err == nil {
			n = v
		} else {
			known = false
		}
		w.Looked(id, known, n)
	}
	err := s.call("exec", id, func(w *World) (err error) {
		if answer, err = w.exec(s.app, id, cmd); err == nil {
			whole, err = printed(answer)
		}
		told(w, err)
		return err
	})
	if err != nil {
		s.do(func(w *World) { w.Machines[id].Look = &look{At: w.Now} })
		return wrap(err, "could not exec command on machine %s: failed to exec on VM %s: %w", id, id, err)
	}
	if s.on("json") {
		_, err := s.out.Write(whole)
		return err
	}
	if answer.ExitCode != 0 {
		fmt.Fprintf(s.out, "Exit code: %d\n", answer.ExitCode)
	}
	fmt.Fprint(s.out, answer.Stdout)
	fmt.Fprint(s.talk, answer.Stderr)
	return nil
}

const sockstatEnd = "FRAG: inuse 0 memory 0\n"

const socketHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

const socketHead6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// cat prints a machine's socket tables. Among the clients' connections are rows
// that are none: what listens, what the app opened itself, loopback, TIME_WAIT.
// Every third client came over IPv6's mapped addresses.
func (w *World) cat(m *Machine, files []string) ExecAnswer {
	tables := w.tables(m)
	var a ExecAnswer
	for _, f := range files {
		text, ok := tables[f]
		if !ok {
			a.ExitCode = 1
			a.Stderr += fmt.Sprintf("cat: can't open '%s': No such file or directory\n", f)
			continue
		}
		a.Stdout += text
	}
	return a
}

func (w *World) tables(m *Machine) map[string]string {
	var four, six strings.Builder
	n4, n6 := 0, 0
	row4 := func(local string, lport int, remote string, rport int, state string) {
		fmt.Fprintf(&four, "%4d: %s:%04X %s:%04X %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0000000000000000 20 4 30 10 -1\n",
			n4, local, lport, remote, rport, state, 1000+n4)
		n4++
	}
	row6 := func(local string, lport int, remote string, rport int, state string) {
		fmt.Fprintf(&six, "%4d: %s:%04X %s:%04X %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0000000000000000 20 4 30 10 -1\n",
			n6, local, lport, remote, rport, state, 2000+n6)
		n6++
	}
	const (
		any4, loop4 = "00000000", "0100007F"
		here4, prox = "0A01A8C0", "0101A8C0" // 192.168.1.10, and the proxy at 192.168.1.1, little-endian
		any6        = "00000000000000000000000000000000"
		mapped      = "0000000000000000FFFF0000"
	)
	four.WriteString(socketHead)
	six.WriteString(socketHead6)
	row4(any4, 22, any4, 0, "0A")
	row4(here4, 41000, "08080808", 443, "01") // the app's own
	var ports []int
	for _, s := range m.Config.Services {
		if s.Protocol != "udp" {
			ports = append(ports, s.InternalPort)
			row4(any4, s.InternalPort, any4, 0, "0A")
			row6(any6, s.InternalPort, any6, 0, "0A")
			row4(loop4, s.InternalPort, loop4, 51000, "01")
			row4(here4, s.InternalPort, prox, 52000, "06")
		}
	}
	for i := range len(m.conns) {
		if len(ports) == 0 {
			break
		}
		port, remote := ports[i%len(ports)], 20000+i%40000
		if i%3 == 2 {
			row6(mapped+here4, port, mapped+prox, remote, "01")
		} else {
			row4(here4, port, prox, remote, "01")
		}
	}
	return map[string]string{
		"/proc/net/tcp":      four.String(),
		"/proc/net/tcp6":     six.String(),
		"/proc/net/sockstat": fmt.Sprintf("sockets: used %d\nTCP: inuse %d orphan 0 tw 1 alloc %d mem 3\nUDP: inuse 0 mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\n"+sockstatEnd, n4+n6+3, n4, n4+n6),
	}
}
