package probe

import (
	"strings"
	"testing"
)

// The tables of a machine on Fly, as "cat" prints them: kernels pad IPv4's rows.
const (
	head4 = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n"
	head6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	stat  = "sockets: used 41\nTCP: inuse 7 orphan 0 tw 2 alloc 9 mem 1\nUDP: inuse 2 mem 1\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n"

	rest    = " 00000000:00000000 02:000003F4 00000000     0        0 323177 2 0000000019fa7d36 21 4 13 23 -1                   \n"
	unsent  = " 00000A00:00000000 01:00000014 00000000     0        0 323177 2 0000000019fa7d36 21 4 13 23 -1                   \n"
	timed   = " 00000000:00000000 03:00000182 00000000     0        0 0 3 000000001143712e                                      \n"
	any4    = "00000000:0000"
	any6    = "00000000000000000000000000000000:0000"
	client4 = "0201A8C0:C350"
	client6 = "B80D0120000000000000000001000000:C350" // 2001:db8::1
)

func tables(four, six string) string { return head4 + four + head6 + six + stat }

func TestOnlySocketsOfClientsFromOutsideCount(t *testing.T) {
	for name, c := range map[string]struct {
		four, six string
		want      int // on port 8080, which is 1F90
		listens   bool
	}{
		"nothing":                              {"", "", 0, false},
		"what listens":                         {"   0: 00000000:1F90 " + any4 + " 0A" + rest, "", 0, true},
		"what listens on IPv6 only":            {"", "   0: 00000000000000000000000000000000:1F90 " + any6 + " 0A" + rest, 0, true},
		"one client":                           {"   0: 0A01A8C0:1F90 " + client4 + " 01" + rest, "", 1, false},
		"one of each family":                   {"   0: 0A01A8C0:1F90 " + client4 + " 01" + rest, "   0: B80D0120000000000000000002000000:1F90 " + client6 + " 01" + rest, 2, false},
		"an IPv4 client of an IPv6 socket":     {"", "   0: 0000000000000000FFFF00000A01A8C0:1F90 0000000000000000FFFF00000201A8C0:C350 01" + rest, 1, false},
		"loopback":                             {"   0: 0100007F:1F90 0100007F:C350 01" + rest, "", 0, false},
		"the whole of 127/8":                   {"   0: 0500007F:1F90 0300027F:C350 01" + rest, "", 0, false},
		"the machine's own address":            {"   0: 0A0113AC:1F90 0A0113AC:C350 01" + rest, "", 0, false},
		"its own of IPv6":                      {"", "   0: 00000000000000000000000002000000:1F90 00000000000000000000000002000000:C350 01" + rest, 0, false},
		"loopback of IPv6":                     {"", "   0: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C350 01" + rest, 0, false},
		"loopback, mapped":                     {"", "   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C350 01" + rest, 0, false},
		"from another address of the machine":  {"   0: 0A0113AC:1F90 0B0113AC:C350 01" + rest + "   1: 0B0113AC:C350 0A0113AC:1F90 01" + rest, "", 0, false},
		"the same, of an IPv6 socket":          {"   0: 0B0113AC:C350 0A0113AC:1F90 01" + rest, "   0: 0000000000000000FFFF00000A0113AC:1F90 0000000000000000FFFF00000B0113AC:C350 01" + rest, 0, false},
		"the same, closed by its client":       {"   0: 0A0113AC:1F90 0B0113AC:C350 09" + unsent + "   1: 0B0113AC:C350 0A0113AC:1F90 05" + timed, "", 0, false},
		"an address that another socket has":   {"   0: 0A0113AC:1F90 0B0113AC:C350 01" + rest + "   1: 0B0113AC:C351 0A0113AC:1F90 01" + rest, "", 1, false},
		"another port":                         {"   0: 0A01A8C0:1F91 " + client4 + " 01" + rest, "", 0, false},
		"a connection that the app has made":   {"   0: 0A01A8C0:C350 0201A8C0:1F90 01" + rest, "", 0, false},
		"being made":                           {"   0: 0A01A8C0:1F90 " + client4 + " 02" + rest + "   1: 0A01A8C0:1F90 " + client4 + " 03" + timed, "", 0, false},
		"over":                                 {"   0: 0A01A8C0:1F90 " + client4 + " 06" + timed + "   1: 0A01A8C0:1F90 " + client4 + " 07" + rest, "", 0, false},
		"closed by us, and all was received":   {"   0: 0A01A8C0:1F90 " + client4 + " 05" + rest, "", 0, false},
		"closed by us, and not yet received":   {"   0: 0A01A8C0:1F90 " + client4 + " 04" + unsent + "   1: 0A01A8C0:1F90 " + client4 + " 09" + unsent + "   2: 0A01A8C0:1F90 " + client4 + " 0B" + unsent, "", 3, false},
		"half closed, and forgotten":           {"   0: 0A01A8C0:1F90 " + client4 + " 08" + rest, "", 0, false},
		"half closed, and an answer under way": {"   0: 0A01A8C0:1F90 " + client4 + " 08" + unsent, "", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := parseSockets(tables(c.four, c.six))
			if err != nil || s.connected[8080] != c.want || s.listening[8080] != c.listens {
				t.Errorf("%d connections (want %d), listens %v (want %v): %v", s.connected[8080], c.want, s.listening[8080], c.listens, err)
			}
		})
	}
}

func TestTablesThatAreNotWholeAreNoTables(t *testing.T) {
	row := func(n string) string { return n + ": 0A01A8C0:1F90 " + client4 + " 01" + rest }
	for name, text := range map[string]string{
		"nothing":                      "",
		"an error in place of them":    "cat: can't open '/proc/net/tcp': Permission denied\n",
		"no second table":              head4 + row("0") + stat,
		"a third table":                tables("", "") + head4,
		"sockstat before the tables":   stat + tables("", ""),
		"sockstat without its middle":  head4 + head6 + "FRAG: inuse 0 memory 0\n",
		"no end":                       head4 + head6 + strings.Replace(stat, "FRAG: inuse 0 memory 0\n", "", 1),
		"an empty line":                head4 + "\n" + head6 + stat,
		"a row that is missing":        tables(row("0")+row("2"), ""),
		"a first row that is missing":  tables(row("1"), ""),
		"a row twice":                  tables(row("0")+row("0"), ""),
		"a row before its table":       row("0") + tables("", ""),
		"a row after the tables":       tables("", "") + row("0"),
		"a row of the other family":    tables("", row("0")),
		"two rows that became one":     tables("   0: 0A01A8C0:1F90 0201A8\n", ""),
		"an address that is none":      tables("   0: 0A01A8CX:1F90 "+client4+" 01"+rest, ""),
		"a port that is none":          tables("   0: 0A01A8C0:1F9 "+client4+" 01"+rest, ""),
		"a port that is not a number":  tables("   0: 0A01A8C0:ZZZZ "+client4+" 01"+rest, ""),
		"no port":                      tables("   0: 0A01A8C0 "+client4+" 01"+rest, ""),
		"a client that is none":        tables("   0: 0A01A8C0:1F90 : 01"+rest, ""),
		"a state that is none":         tables("   0: 0A01A8C0:1F90 "+client4+" 1"+rest, ""),
		"a state that is not a number": tables("   0: 0A01A8C0:1F90 "+client4+" XX"+rest, ""),
		"queues that are none":         tables("   0: 0A01A8C0:1F90 "+client4+" 01 0 0 0 0 0 0 0\n", ""),
		"Windows' line ends, doubled":  strings.ReplaceAll(tables("", ""), "\n", "\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := parseSockets(text); err == nil {
				t.Errorf("taken for tables: %v", s)
			}
		})
	}
}

// TestTablesCutOffAnywhereAreNoTables cuts a good answer off after each byte, and
// takes each part out of its middle.
func TestTablesCutOffAnywhereAreNoTables(t *testing.T) {
	whole := tables(
		"   0: 00000000:1F90 "+any4+" 0A"+rest+"   1: 0A01A8C0:1F90 "+client4+" 01"+rest+"   2: 0A01A8C0:1F90 "+client4+" 06"+timed,
		"   0: 00000000000000000000000000000000:1F90 "+any6+" 0A"+rest+"   1: 0000000000000000FFFF00000A01A8C0:1F90 0000000000000000FFFF00000201A8C0:C350 01"+rest)
	if s, err := parseSockets(whole); err != nil || s.connected[8080] != 2 {
		t.Fatalf("%v %v", s, err)
	}
	for n := range whole {
		if s, err := parseSockets(whole[:n]); err == nil {
			t.Errorf("after %d of %d bytes: %v", n, len(whole), s)
		}
	}
	lines := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
	for from := range lines {
		for to := from + 1; to <= len(lines); to++ {
			s, err := parseSockets(strings.Join(append(append([]string{}, lines[:from]...), lines[to:]...), ""))
			// What follows the last row that counts can go without harm.
			if err == nil && s.connected[8080] != 2 {
				t.Errorf("without lines %d to %d: %v", from, to, s)
			}
		}
	}
}

func FuzzParseSockets(f *testing.F) {
	f.Add(tables("", ""))
	f.Add(tables("   0: 00000000:1F90 "+any4+" 0A"+rest+"   1: 0A01A8C0:1F90 "+client4+" 01"+rest, "   0: B80D0120000000000000000002000000:1F90 "+client6+" 01"+rest))
	f.Add(head4 + head6 + "FRAG:\n")
	f.Add("cat: can't open '/proc/net/tcp6': No such file or directory\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSockets(text)
		if err != nil {
			return
		}
		// There is no number where there is no whole table.
		if strings.Count(text, "sl") < 2 || !strings.Contains(text, lastOfSockstat) || !strings.HasSuffix(text, "\n") {
			t.Errorf("%q is taken for tables", text)
		}
		n := 0
		for _, c := range s.connected {
			n += c
		}
		if rows := strings.Count(text, ": "); n > rows {
			t.Errorf("%d connections in %d rows", n, rows)
		}
	})
}
