package draintest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

const simUsage = `flysim sets up and asks the simulated Fly in the folder $FLYDRAIN_SIM.

To set up an app:
  init [-at TIME|now]              a simulated Fly without apps (its clock begins at 2024-01-01)
  app NAME [GROUP=REGION:N,…]…     an app; GROUP/bare and worker… have no services, GROUP/udp a UDP one
  machine APP [-group G] [-region R] [-image REF] [-unmanaged]
  image REF [-FLAG…]              what is special about it: -missing, -unhealthy, -crash-after D …
                                   (the fields of draintest.Image)
  answer ID|REF COMMAND [-stdout S] [-stderr S] [-exit-code N]
  mark MARK ID…                    as if that release had created them
  volume APP VOLUME N              unattached volumes
  connect APP N [-group G] [-region R] [-lives D]
  load APP [-every D] [-min D] [-max D] [-for D] [-group G] [-region R]
                                   one every 1s for 1m, each lives 1s to 30s, unless you say otherwise
  set KEY VALUE                    a field of draintest.World: version, boot, tick, limits-off, no-auth, limit, allow, cordon-cuts …;
                                   or now, exit-delay (of all apps), autostop (how often the proxy looks for excess)

To let something go wrong:
  fault COMMAND… [-FLAG…]         -status, -times, -after-effect … (the fields of draintest.Fault)
  faults                           no more faults
  hangup ID N                      N of its clients leave
  KIND ID [-in D] [-image REF] [-for D] [-owner WHO]   what somebody else does, now or in a while; see draintest.Action
  advance D                        lets time pass
  await hang [N]                   waits until N commands hang
  edge                             lets clients connect to the apps: prints the address of an HTTP proxy, and runs on

To look at the result:
  list [APP]                       id app group region state cordoned connections
  calls [PREFIX]                   the flyctl commands that were run
  account                          what became of the connections
  breaches                         the rules that were broken; exits 1 where there are any
  baseline                         counts rule S1 from here

A name that is not there is an error: of an app, a group, a machine, a command, a rule or a key.
`

// Sim is the flysim tool, for testscript.Main: "flysim": draintest.Sim. It sets up and
// asks the World in the folder $FLYDRAIN_SIM, and exits. The package comment lists its
// commands.
func Sim() {
	help := []string{"help", "-h", "-help", "--help"}
	if n := len(os.Args); n < 2 || slices.Contains(help, os.Args[1]) || slices.Contains(help[1:], os.Args[n-1]) {
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

// folderVerbs are flysim's commands that need more than a World.
var folderVerbs = map[string]func(*simCommand, *folder) error{
	"init": (*simCommand).create, "await": (*simCommand).await, "edge": (*simCommand).edge,
}

func sim(d *folder, args []string, out io.Writer) error {
	n := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if n < 0 {
		n = len(args)
	}
	c := &simCommand{out: out, verb: args[0], pos: args[1:n], rest: args[n:]}
	run, onFolder, entry := simVerbs[c.verb], folderVerbs[c.verb], c.verb
	if slices.Contains(kinds, c.verb) {
		run, entry = (*simCommand).act, "KIND"
	}
	if run == nil && onFolder == nil {
		return fmt.Errorf("unknown command %q; see flysim help", c.verb)
	}
	c.use = c.verb + regexp.MustCompile(`(?m)^  ` + entry + `\b((?: \S+)*)`).FindStringSubmatch(simUsage)[1]
	if onFolder != nil {
		if c.read() {
			c.err = onFolder(c, d)
		}
		return c.err
	}
	err := d.do(func(w *World) {
		if c.world = w; c.read() {
			run(c, w)
		}
	})
	return cmp.Or(c.err, err)
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
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		hung := 0
		err := d.do(func(w *World) {
			for _, f := range w.Faults {
				hung += f.Hung
			}
		})
		if err != nil || hung >= max(c.n, 1) {
			return err
		}
	}
	return errors.New("await: nothing hung within 30s")
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
