package draintest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

const simUsage = `flysim sets up and asks the simulated Fly in the folder $FLYDRAIN_SIM.

  init [-at TIME|now]              an empty one (its clock begins at 2024-01-01)
  app NAME [GROUP=REGION:N,… …]    an app; GROUP/bare and worker… have no services, GROUP/udp a UDP one
  machine APP [-group G] [-region R] [-image REF] [-unmanaged]
  image REF [-missing] [-unhealthy] [-crash] [-crash-after D] [-boot D] [-health D] [-release-fails] [-no-cat]
  answer ID|REF COMMAND [-stdout S] [-stderr S] [-exit N]
  mark MARK ID…                    as if that release had made them
  volume APP NAME N                unattached volumes
  connect APP N [-group G] [-region R] [-lives D]
  load APP -every D -min D -max D -for D [-group G] [-region R]
  hangup ID N                      N of its clients go
  fault COMMAND [flags]            see draintest.Fault; flags have its fields' names
  faults                           no more faults
  set KEY VALUE                    version boot health propagation latency tick registry-lag build-time autostop
                                   exit-delay (of all apps) limits auth limit soft-limits cuts-allowed allow dropped now
  cordon|uncordon|start|stop|destroy|crash|sick|well|autostop|update|unreachable|reachable|lease|deploy ID
          [-in D] [-image REF] [-for D]   what somebody else does, now or in a while
  advance D                        lets time pass
  baseline                         S1 counts from here
  list [APP]                       id app group region state cordoned connections
  calls [PREFIX]                   the flyctl commands that were run
  account, exposures, breaches     breaches exits 1 when there are any
  await hang [N]                   until N commands hang
`

// Sim is the flysim tool: it sets up and asks the World in the folder FLYDRAIN_SIM.
// It exits. For testscript.Main: "flysim": draintest.Sim.
func Sim() { os.Exit(simMain(os.Args[1:], os.Stdout, os.Stderr)) }

func simMain(args []string, out, talk io.Writer) int {
	d, err := openFolder()
	if err == nil {
		err = sim(d, args, out)
	}
	if err != nil {
		fmt.Fprintf(talk, "flysim: %v\n", err)
		return 1
	}
	return 0
}

func sim(d *folder, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "help" {
		_, err := fmt.Fprint(out, simUsage)
		return err
	}
	verb := args[0]
	n := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if n < 0 {
		n = len(args)
	}
	c := &simCommand{out: out, pos: args[1:n], fs: flag.NewFlagSet(verb, flag.ContinueOnError)}
	c.fs.SetOutput(io.Discard)
	switch {
	case verb == "init":
		return c.create(d, args[n:])
	case verb == "await":
		return c.await(d)
	}
	run, ok := simVerbs()[verb]
	if !ok {
		return fmt.Errorf("unknown command %q; flysim help", verb)
	}
	setup := run(c)
	if err := c.fs.Parse(args[n:]); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	if c.fs.NArg() > 0 {
		return fmt.Errorf("%s: flags come last", verb)
	}
	var inner error
	if err := d.do(func(w *World) { inner = setup(w) }); err != nil {
		return err
	}
	return inner
}

// simCommand is one run of flysim.
type simCommand struct {
	out io.Writer
	pos []string
	fs  *flag.FlagSet
}

// arg is a positional argument, "" when it is not there.
func (c *simCommand) arg(n int) string {
	if n < len(c.pos) {
		return c.pos[n]
	}
	return ""
}

func (c *simCommand) number(n int) (int, error) {
	v, err := strconv.Atoi(c.arg(n))
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not a number", c.fs.Name(), c.arg(n))
	}
	return v, nil
}

func (c *simCommand) machine(w *World) (*Machine, error) {
	if m := w.Machine(c.arg(0)); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("%s: no machine %q", c.fs.Name(), c.arg(0))
}

func (c *simCommand) app(w *World) error {
	if w.Apps[c.arg(0)] == nil {
		return fmt.Errorf("%s: no app %q", c.fs.Name(), c.arg(0))
	}
	return nil
}

func (c *simCommand) create(d *folder, flags []string) error {
	at := c.fs.String("at", "2024-01-01T00:00:00Z", "")
	if err := c.fs.Parse(flags); err != nil {
		return err
	}
	now := time.Now()
	if *at != "now" {
		var err error
		if now, err = time.Parse(time.RFC3339, *at); err != nil {
			return err
		}
	}
	w := New(now.UTC())
	// Time passes by calls: a second a command, so that what a command begins has
	// happened when the next but one looks.
	w.Tick, w.Boot, w.Health, w.Propagation, w.LimitsOff = time.Second, 500*time.Millisecond, 500*time.Millisecond, time.Second, true
	if err := os.MkdirAll(d.dir, 0o777); err != nil {
		return err
	}
	return d.write(w)
}

// await blocks until commands hang: a handshake for scripts that interrupt them.
func (c *simCommand) await(d *folder) error {
	want := 1
	if c.arg(0) != "hang" {
		return errors.New("await: it waits for hang only")
	}
	if c.arg(1) != "" {
		var err error
		if want, err = c.number(1); err != nil {
			return err
		}
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		hung := 0
		if err := d.do(func(w *World) {
			for _, f := range w.Faults {
				hung += f.Hung
			}
		}); err != nil {
			return err
		}
		if hung >= want {
			return nil
		}
	}
	return errors.New("await: nothing hung within 30s")
}

func (c *simCommand) list(w *World) error {
	t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, app := range sortedKeys(w.Apps) {
		if c.arg(0) != "" && c.arg(0) != app {
			continue
		}
		for _, m := range w.Live(app) {
			cordoned, group := "open", m.Group()
			if m.Cordoned {
				cordoned = "cordoned"
			}
			if !m.Managed() {
				group = "-"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", m.ID, app, group, m.Region, m.State, cordoned, w.Open(m.ID))
		}
	}
	return t.Flush()
}
