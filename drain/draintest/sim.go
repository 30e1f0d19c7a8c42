package draintest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

const simUsage = `flysim sets up and asks the simulated Fly in the folder $FLYDRAIN_SIM.

To set up an app:
  init [-at TIME|now]              a simulated Fly without apps (its clock begins at 2024-01-01)
  app NAME [GROUP=REGION:N,… …]    an app; GROUP/bare and worker… have no services, GROUP/udp a UDP one
  machine APP [-group G] [-region R] [-image REF] [-unmanaged]
  image REF [flags]                what is special about it: -missing, -unhealthy, -crash-after D …
                                   (the fields of draintest.Image)
  answer ID|REF COMMAND [-stdout S] [-stderr S] [-exit-code N]
  mark MARK ID…                    as if that release had created them
  volume APP NAME N                unattached volumes
  connect APP N [-group G] [-region R] [-lives D]
  load APP [flags] [-for D]        -every, -min, -max, -group, -region (the fields of draintest.Load)
  set KEY VALUE                    a field of draintest.World: version, boot, tick, limits-off, no-auth, limit, allow, cordon-cuts …;
                                   or now, exit-delay (of all apps), autostop (how often the proxy looks for excess)

To let something go wrong:
  fault COMMAND [flags]            -status, -times, -after-effect … (the fields of draintest.Fault)
  faults                           no more faults
  hangup ID N                      N of its clients leave
  KIND ID [-in D] [-image REF] [-for D]   what somebody else does, now or in a while; see draintest.Action
  advance D                        lets time pass
  await hang [N]                   waits until N commands hang
  edge                             lets clients connect to the apps: prints the address of an HTTP proxy, and runs on

To look at the result:
  list [APP]                       id app group region state cordoned connections
  calls [PREFIX]                   the flyctl commands that were run
  account                          what became of the connections
  breaches                         the rules that were broken; exits 1 where there are any
  baseline                         counts rule S1 from here
`

// Sim is the flysim tool, for testscript.Main: "flysim": draintest.Sim. It sets up and
// asks the World in the folder $FLYDRAIN_SIM, and exits. The package comment lists its
// commands.
func Sim() {
	if len(os.Args) < 2 || os.Args[1] == "-h" || os.Args[1] == "help" {
		fmt.Print(simUsage)
		os.Exit(0)
	}
	d, err := openFolder()
	if err == nil {
		err = sim(d, os.Args[1:], os.Stdout)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "flysim: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func sim(d *folder, args []string, out io.Writer) error {
	n := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if n < 0 {
		n = len(args)
	}
	c := &simCommand{out: out, verb: args[0], pos: args[1:n], rest: args[n:]}
	run, ok := simVerbs[c.verb]
	switch {
	case c.verb == "init":
		return c.create(d)
	case c.verb == "await":
		return c.await(d)
	case c.verb == "edge":
		return c.edge(d)
	case slices.Contains(kinds, c.verb):
		run = (*simCommand).act
	case !ok:
		return fmt.Errorf("unknown command %q; flysim help", c.verb)
	}
	c.fail(d.do(func(w *World) { run(c, w) }))
	return c.err
}

func (c *simCommand) create(d *folder) error {
	now, flags := time.Now(), struct{ At string }{"2024-01-01T00:00:00Z"}
	if c.flags(&flags); flags.At != "now" {
		var err error
		now, err = time.Parse(time.RFC3339, flags.At)
		c.fail(err)
	}
	if c.fail(os.MkdirAll(d.dir, 0o777)) {
		return c.err
	}
	w := New(now.UTC())
	// Time passes by calls: a second a command, so that what a command begins has
	// happened when the next but one looks.
	w.Tick, w.Boot, w.Health, w.Propagation, w.LimitsOff = time.Second, 500*time.Millisecond, 500*time.Millisecond, time.Second, true
	return d.write(w)
}

// await blocks until commands hang: a handshake for scripts that interrupt them.
func (c *simCommand) await(d *folder) error {
	want := 1
	if c.arg(0) != "hang" {
		c.fail(errors.New("want await hang"))
	}
	if c.arg(1) != "" {
		want = c.number(1)
	}
	for end := time.Now().Add(30 * time.Second); c.err == nil && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		hung := 0
		c.fail(d.do(func(w *World) {
			for _, f := range w.Faults {
				hung += f.Hung
			}
		}))
		if hung >= want {
			return c.err
		}
	}
	c.fail(errors.New("nothing hung within 30s"))
	return c.err
}

// edge serves clients until it is killed.
func (c *simCommand) edge(d *folder) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, l.Addr())
	return http.Serve(l, &edge{driver: d})
}
