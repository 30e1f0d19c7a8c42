package flyctl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// MaxParallel is how many flyctl processes a [Client] runs side by side at most.
const MaxParallel = 16

// Client runs flyctl for one app. Set the fields before the first call; the
// methods are safe for concurrent use.
type Client struct {
	App    string // the app's name on Fly
	Dir    string // folder of the app's fly.toml, for the commands that read it; "" is the current one
	Config string // another name for fly.toml, as flyctl's --config takes it; resolved inside Dir
	Run    Runner // how a command is run; nil starts the binary that [Find] returns

	// Timeout bounds each command except a build or a deploy. Default 3 minutes, as
	// flyctl waits a minute for a lease that somebody else holds. Commands that
	// only ask have 30 s at most.
	Timeout time.Duration

	// Every is how far apart Fly wants two lists, and two machines created, to be.
	// Default 1s. Fly lets a burst of three through. The client begins the third a
	// quarter of that time later, and keeps a hundredth more between two machines
	// created.
	// https://fly.io/docs/machines/api/working-with-machines-api/#rate-limits
	Every time.Duration

	// Notify, if not nil, is called with the error of each failed command that will
	// be run again, and the wait before that. Calls can be concurrent.
	Notify func(err error, wait time.Duration)

	// Output, if not nil, is called with each line that a build or a deploy prints,
	// release commands included, as [Command.Output] is. The calls of two commands
	// can be concurrent.
	Output func(line string)

	once    sync.Once
	initErr error
	run     Runner
	slots   chan struct{}
	lists   pacer
	creates pacer
}

// ready checks the fields and finds the binary, once.
func (c *Client) ready() error {
	c.once.Do(func() {
		every := cmp.Or(max(c.Every, 0), time.Second)
		c.slots = make(chan struct{}, MaxParallel)
		c.lists, c.creates = newPacer(every), newPacer(every+every/100)
		c.run = c.Run
		c.initErr = cmp.Or(ValidateApp(c.App), validateConfigFile(c.Config))
		if c.initErr == nil && c.run == nil {
			var path string
			path, c.initErr = Find("")
			c.run = Exec(path)
		}
	})
	return c.initErr
}

const (
	changeTimeout = 3 * time.Minute
	answerTimeout = 30 * time.Second // nobody's lease holds it up, and there must be time to ask again

	// endWithin is how long a command has to end after the context. flyctl finishes
	// the API call in flight and gives its leases back, which takes moments. GitHub
	// kills us 10 s after its own interrupt, and more must fit into that.
	endWithin = 2 * time.Second
	// lingerFor is the part of it in which a brief command is not yet interrupted:
	// flyctl, interrupted while it asks for a lease, leaves that behind for two
	// minutes, in which nobody can change the machine.
	lingerFor = time.Second
)

// do runs a command once. It returns its result, or an *Error unless the client
// itself is not ready.
func (c *Client) do(ctx context.Context, k call) (Result, error) {
	if err := c.ready(); err != nil {
		return Result{}, err
	}
	if err := c.take(ctx, k.pace); err != nil {
		return Result{}, newError(c.App, k, Result{ExitCode: -1}, err)
	}
	defer func() { <-c.slots }()

	cmd := Command{Args: k.args, NoToken: k.silent, Wait: endWithin}
	timeout := cmp.Or(max(c.Timeout, 0), changeTimeout)
	switch {
	case k.asks:
		cmd.Wait, timeout = 0, min(timeout, answerTimeout)
	case k.brief:
		var stop func()
		ctx, stop = linger(ctx)
		defer stop()
		cmd.Wait -= lingerFor
	case k.long:
		cmd.Talk, cmd.Tail = k.talk, talkKept
		cmd.Output = c.hearing(k)
		if _, set := os.LookupEnv("BUILDKIT_PROGRESS"); !set {
			cmd.Env = []string{"BUILDKIT_PROGRESS=plain"} // BuildKit, also behind Docker and Depot, prints lines
		}
	}
	if k.local {
		cmd.Dir = cmp.Or(c.Dir, ".")
	}
	if !k.long {
		if _, set := os.LookupEnv("GOGC"); !set {
			cmd.Env = []string{"GOGC=off"} // it ends before its garbage is worth collecting: a quarter less CPU
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("%w: no answer in %v", ErrTransient, timeout))
		defer cancel()
	}
	res, err := c.run(ctx, cmd)
	if err != nil {
		res.ExitCode = -1
	}
	if res.ExitCode == 0 {
		return res, nil
	}
	return res, newError(c.App, k, res, err)
}

// hearing returns what gets the lines of a build or a deploy. It counts the machines that
// a deploy creates. The first was counted as the deploy began, which can be long before.
func (c *Client) hearing(k call) func(line string) {
	made := 0
	return func(line string) {
		line = Printable(line) // Run may be anybody's
		if k.creates && strings.HasSuffix(line, " was created") {
			if made++; made == 1 {
				c.creates.delay()
			} else {
				c.creates.count()
			}
			if k.created != nil {
				k.created()
			}
		}
		if c.Output != nil {
			c.Output(line)
		}
	}
}

// linger returns a context that ends a moment after ctx does.
func linger(ctx context.Context) (context.Context, func()) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(lingerFor, func() { cancel(context.Cause(ctx)) })
	})
	return longer, func() { stop(); cancel(nil) }
}

// take waits for the rate limits and for a free process slot.
func (c *Client) take(ctx context.Context, paces []*pacer) error {
	for _, p := range paces {
		done, err := p.wait(ctx)
		if err != nil {
			return err
		}
		defer done()
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// each calls one for every id, side by side, and joins the errors in the order of
// the ids. An id that fails, or waits for a lease, does not hold up the others:
// only processes are limited, by take.
func (c *Client) each(ids []string, one func(id string) error) error {
	if err := cmp.Or(c.ready(), idPattern.check(ids...)); err != nil {
		return err // before anything changes
	}
	errs := make([]error, len(ids))
	seen := make(map[string]bool, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		if seen[id] {
			continue // flyctl would wait for its own lease
		}
		seen[id] = true
		wg.Go(func() { errs[i] = one(id) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// configArgs are the app and fly.toml's other name, for commands that read it.
func (c *Client) configArgs() []string { return with([]string{"--app", c.App}, "--config", c.Config) }

// with appends flags and their values, in pairs, without those whose value is empty.
func with(args []string, pairs ...string) []string {
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			args = append(args, pair...)
		}
	}
	return args
}

// positive returns a number as a flag's value, "" unless it is above 0.
func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}
