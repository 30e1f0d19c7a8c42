package draintest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// apiError is a refusal by the platform; its text is what flyctl shows of it.
type apiError struct {
	Status int
	Msg    string
}

func (e *apiError) Error() string { return e.Msg }

func refused(status int, msg string) error {
	usual := map[int]string{404: "machine not found", 412: "failed_precondition: unable to change machine from current state: 'replacing'"}
	other := fmt.Sprintf("request returned non-2xx status: %d: %s", status, http.StatusText(status))
	return &apiError{status, cmp.Or(msg, usual[status], other)}
}

func (w *World) app(name string) (*App, error) {
	if a := w.Apps[name]; a != nil {
		return a, nil
	}
	return nil, refused(404, "app not found")
}

func (w *World) get(app, id string) (*Machine, error) {
	if _, err := w.app(app); err != nil {
		return nil, err
	}
	m := w.Machine(id)
	if m == nil || m.App != app {
		return nil, refused(404, "machine not found")
	}
	return m, nil
}

// mine gets a machine for a change by the holder of a nonce.
func (w *World) mine(app, id, nonce string) (*Machine, error) {
	m, err := w.get(app, id)
	if err != nil {
		return nil, err
	}
	if l := w.leased(m); l != nil && l.Nonce != nonce {
		return nil, refused(409, "lease currently held by "+l.Owner)
	}
	if m.Host == "unreachable" {
		return nil, refused(http.StatusRequestTimeout, "deadline_exceeded: the machine's host is unreachable")
	}
	return m, nil
}

// request changes a machine for the holder of a nonce, and holds that to the rules.
func (w *World) request(b by, app, id, nonce, verb string, f func(m *Machine)) error {
	m, err := w.mine(app, id, nonce)
	if err == nil {
		w.change(b, m, verb, func() { f(m) })
	}
	return err
}

func (w *World) lease(app, id string, ttl time.Duration) (string, error) {
	m, err := w.mine(app, id, "")
	if err != nil {
		return "", err
	}
	w.grant(m, ttl)
	return m.Lease.Nonce, nil
}

func (w *World) grant(m *Machine, ttl time.Duration) {
	m.Lease = &lease{fmt.Sprintf("nonce%08x", w.next()), "test@example.com", w.Now.Add(ttl)}
}

func (w *World) release(app, id, nonce string) error {
	m, err := w.get(app, id)
	if err != nil {
		return err
	}
	if l := w.leased(m); l == nil || l.Nonce != nonce {
		return refused(404, "lease not found")
	}
	m.Lease = nil
	return nil
}

func (w *World) cordon(b by, app, id, nonce string, on bool) error {
	verb := map[bool]string{true: "cordon", false: "uncordon"}[on]
	return w.request(b, app, id, nonce, verb, func(m *Machine) { w.setCordon(m, on) })
}

func (w *World) start(b by, app, id, nonce string) error {
	return w.request(b, app, id, nonce, "start", func(m *Machine) {
		if slices.Contains([]string{"stopped", "suspended", "created", "failed"}, m.State) {
			w.loses(m, "start")
			w.boot(m, b.Who)
		}
	})
}

func (w *World) restart(b by, app, id, nonce string) error {
	return w.request(b, app, id, nonce, "stop", func(m *Machine) {
		w.cutAll(m, b.Who)
		w.loses(m, "restart")
		w.event(m, "restart", "stopping", "user")
		w.boot(m, b.Who)
	})
}

func (w *World) stop(b by, app, id, nonce string, timeout time.Duration) error {
	return w.request(b, app, id, nonce, "stop", func(m *Machine) { w.signal(m, b.Who, timeout) })
}

func (w *World) destroy(b by, app, id, nonce string, force bool) error {
	if m := w.Machine(id); m != nil && !force && m.State != "stopped" && m.State != "suspended" {
		return refused(412, "failed_precondition: unable to destroy machine, not currently stopped, suspended or failed")
	}
	if m := w.Machine(id); m != nil && force && m.Host == "unreachable" {
		m.Doomed = b.Who // noted, and done when the host is back
		w.checkCall(b, m, "destroy")
		return nil
	}
	return w.request(b, app, id, nonce, "destroy", func(m *Machine) { w.vanish(m, b.Who) })
}

// launch is what a new machine or a new version of one is made of.
type launch struct {
	Name, Region string
	Config       config.Machine
	SkipLaunch   bool
	Hold         bool // created cordoned, as bluegreen does
	Lease        time.Duration
}

func (w *World) create(b by, app string, in launch) (*Machine, error) {
	a, err := w.app(app)
	if err != nil {
		return nil, err
	}
	if err := w.known(in.Config.Image); err != nil {
		return nil, err
	}
	w.baseline(b)
	m := w.add(a.Name, cmp.Or(in.Region, "iad"), in.Config)
	m.Made, m.MadeBy, m.Name = b.Ours, b.Who, cmp.Or(in.Name, m.Name)
	m.Cordoned, m.Hidden = in.Hold, in.Hold
	if in.Lease > 0 {
		w.grant(m, in.Lease)
	}
	if in.SkipLaunch {
		m.State = "stopped"
		w.note(m)
	} else {
		w.boot(m, b.Who)
	}
	w.event(m, "launch", "created", "flyd")
	return m, nil
}

// known refuses an image that the registry does not have, or not yet.
func (w *World) known(ref string) error {
	if i := w.image(ref); i.Missing || w.Now.Before(i.KnownFrom) {
		return refused(400, fmt.Sprintf("failed to get manifest %s: request failed: not found (MANIFEST_UNKNOWN)", strings.TrimPrefix(ref, "registry.fly.io/")))
	}
	return nil
}

// update replaces a machine's VM: what is connected to it is cut.
func (w *World) update(b by, app, id, nonce string, in launch) error {
	if err := w.known(in.Config.Image); err != nil {
		return err
	}
	return w.request(b, app, id, nonce, "update", func(m *Machine) {
		w.cutAll(m, b.Who)
		w.loses(m, "update")
		m.Config, m.Instance = in.Config.Clone(), w.next()
		w.index()
		if in.SkipLaunch {
			w.exit(m, b.Who)
			return
		}
		w.event(m, "update", "replacing", "user")
		w.boot(m, b.Who)
	})
}

// exec runs a command in a machine, without a shell.
func (w *World) exec(app, id, cmd string) (ExecAnswer, error) {
	m, err := w.get(app, id)
	switch {
	case err != nil:
		return ExecAnswer{}, err
	case m.State != "started" && !w.ExecStopped:
		return ExecAnswer{}, refused(412, "failed_precondition: machine is not running, it is "+m.State)
	case m.Host == "unreachable":
		return ExecAnswer{}, refused(http.StatusRequestTimeout, "deadline_exceeded: the machine's host is unreachable")
	}
	cmd = strings.Join(strings.Fields(cmd), " ")
	image := w.image(m.Config.Image)
	for _, answers := range []map[string]ExecAnswer{m.Exec, image.Exec} {
		if a, ok := answers[cmd]; ok {
			return a, nil
		}
	}
	switch name, of, _ := strings.Cut(cmd, " "); {
	case name == "sleep" && of != "":
		return ExecAnswer{}, nil
	case name != "cat" || m.NoCat || image.NoCat:
		return ExecAnswer{ExitCode: 127, Stderr: fmt.Sprintf("exec: %q: executable file not found in $PATH\n", name)}, nil
	}
	return w.cat(m, strings.Fields(cmd)[1:]), nil
}
