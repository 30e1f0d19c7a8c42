// Prove asks the real Fly what cannot be known without an account:
//
//	go run ./scripts/prove -org ORG
//
// It makes an app of its own in that organization, with a few machines of the smallest
// size, looks at one fact after another, and destroys the app again, also after an
// interrupt, a failure or a panic. It says beforehand what it will make, and asks. For
// each fact it prints what flydrain believes, what was seen, and how. Please put the
// table of -md into an issue. After a kill, -clean destroys what is left.
//
// It exits 1 if a fact is otherwise than believed, or if something went wrong, and 2
// after wrong usage.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second one ends the program
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, in io.Reader, out, talk io.Writer) int {
	p := prover{in: in, talk: talk}
	fs := flag.NewFlagSet("prove", flag.ContinueOnError)
	fs.SetOutput(talk)
	fs.StringVar(&p.org, "org", "", "the organization's slug, as fly orgs list has it")
	regions := fs.String("regions", "iad", "one region for all machines, or two, with a comma")
	fs.StringVar(&p.image, "image", "", "an image of scripts/prove/app; \"\" builds it on Fly's builder")
	fs.DurationVar(&p.hold, "hold", 6*time.Minute, "how long to hold connections on a cordoned machine")
	fs.DurationVar(&p.watch, "watch", 30*time.Second, "how long to look for the effect of a change")
	fs.DurationVar(&p.every, "every", time.Second, "between two looks; Fly's rate limit is one list a second")
	fs.BoolVar(&p.yes, "yes", false, "do not ask")
	fs.BoolVar(&p.clean, "clean", false, "destroy the apps that earlier runs left, and do nothing else")
	fs.StringVar(&p.markdown, "md", "", "write the table to this file, as Markdown")
	fs.StringVar(&p.json, "json", "", "write it to this file, as JSON")
	edge := fs.String("edge", "", "of a simulated Fly: the address that flysim edge prints")
	built := fs.String("canary", "", "examples/canary, built; \"\" builds it")
	if fs.Parse(args) != nil {
		return 2
	}
	p.regions = strings.Split(*regions, ",")
	if p.org == "" || fs.NArg() > 0 || len(p.regions) > 2 || p.hold <= 0 || p.watch <= 0 || p.every <= 0 {
		fmt.Fprintln(talk, "usage: prove -org ORG [flags]; prove -h lists them")
		return 2
	}
	p.network, p.canary = internet(*edge), program(*built, *edge)
	p.metrics.RoundTripper = &http.Transport{DialContext: p.network.dial}
	path, err := flyctl.Find("")
	if err == nil {
		p.flyctl = flyctl.Exec(path)
		err = p.work(ctx, out)
	}
	if err != nil {
		fmt.Fprintln(talk, "prove:", flyctl.Printable(err.Error()))
		return 1
	}
	return 0
}

var errOtherwise = errors.New("something is not as believed: please put the table into an issue")

// work does what was asked.
func (p *prover) work(ctx context.Context, out io.Writer) error {
	left, err := p.left(ctx)
	if err != nil {
		return err
	}
	if !p.clean { // what is newer may be another run's
		if old := outlived(left, p.hold); len(old) < len(left) {
			p.say("apps of other runs are there: if none is under way, destroy them by -clean: %s", strings.Join(left, " "))
			left = old
		}
		p.say("This makes an app in %s, with five machines of the smallest size at most, in %s.", p.org, strings.Join(p.regions, " and "))
		p.say("Fly builds its image. It is destroyed again. That takes about %v, and costs a few cents at most.", p.hold+12*time.Minute)
	}
	if len(left) > 0 {
		p.say("It destroys what earlier runs left: %s", strings.Join(left, " "))
	}
	if !p.agreed(ctx) {
		return errors.New("nothing was made, and nothing destroyed")
	}
	if err := p.remove(ctx, left...); err != nil || p.clean {
		return err
	}
	r, err := p.prove(ctx)
	err = errors.Join(err, r.write(out, p.markdown, p.json))
	if err == nil && r.otherwise() {
		return errOtherwise
	}
	return err
}

func (p *prover) agreed(ctx context.Context) bool {
	if p.yes {
		return true
	}
	fmt.Fprint(p.talk, "Continue? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(p.in).ReadString('\n') // none is no
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case a := <-answer:
		return a == "y" || a == "yes"
	case <-ctx.Done():
		return false
	}
}
