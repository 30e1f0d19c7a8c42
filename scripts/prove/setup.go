package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// folder is what the image is built from.
//
//go:embed app/Dockerfile app/main.go
var folder embed.FS

// fly.toml as it is first: web ports alone, as flyctl then gives the app addresses
// without asking, and with type requests.
const webOnly = `app = %q
primary_region = %q

[http_service]
internal_port = 8080
auto_stop_machines = "off"
[http_service.concurrency]
type = %q
soft_limit = 200
[[http_service.checks]]
interval = "5s"
timeout = "2s"
grace_period = "5s"
path = "/"

[[vm]]
size = "shared-cpu-1x"
memory = "256mb"
`

const tcpService = `
[[services]]
protocol = "tcp"
internal_port = 9000
[[services.ports]]
port = 9000
`

// create makes the app, and returns flyctl's version.
func (s *scene) create(ctx context.Context) (version string, err error) {
	if s.dir, err = os.MkdirTemp("", "flydrain-prove-"); err != nil {
		return "", err
	}
	s.client = &flyctl.Client{App: s.app, Dir: s.dir, Run: s.flyctl, Every: s.every}
	if version, err = s.client.Version(ctx); err != nil {
		return version, err
	}
	s.say("making the app %s", s.app)
	s.made = true
	_, err = s.do(ctx, "apps", "create", s.app, "--org", s.org)
	return version, err
}

// end closes what is open, and destroys the app.
func (s *scene) end(ctx context.Context) error {
	s.close()
	err := os.RemoveAll(s.dir)
	if s.made {
		err = errors.Join(s.remove(ctx, s.app), err)
	}
	return err
}

// alone has one machine, which counts requests.
func (s *scene) alone(ctx context.Context) error {
	return inTurn(
		func() error { return fs.WalkDir(folder, "app", s.copy) },
		func() error { return s.write("fly.toml", fmt.Sprintf(webOnly, s.app, s.regions[0], "requests")) },
		func() (err error) {
			if s.image = s.prover.image; s.image == "" {
				s.image, err = s.client.Build(ctx, "prove")
			}
			return err
		},
		func() error { return s.client.Deploy(ctx, flyctl.DeployOptions{Image: s.image}) },
		func() error {
			ids, err := s.healthy(ctx, 1)
			s.spare = strings.Join(ids, "")
			return err
		},
		func() error { return s.reachable(ctx) })
}

// copy writes a file of the folder to be built.
func (s *scene) copy(path string, d fs.DirEntry, err error) error {
	if err != nil || d.IsDir() {
		return err
	}
	text, err := folder.ReadFile(path)
	return errors.Join(err, s.write(d.Name(), string(text)))
}

func (s *scene) write(name, text string) error {
	return os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o666)
}

// beside has three machines, which count connections, with some held on two of them.
func (s *scene) beside(ctx context.Context) error {
	clone := func(region string) func() error {
		return func() error {
			_, err := s.client.Clone(ctx, s.spare, flyctl.CloneOptions{Region: region})
			return err
		}
	}
	var ids []string
	return inTurn(
		func() error {
			return s.write("fly.toml", fmt.Sprintf(webOnly+tcpService, s.app, s.regions[0], "connections"))
		},
		func() error { return s.client.Deploy(ctx, flyctl.DeployOptions{Image: s.image}) },
		clone(s.regions[len(s.regions)-1]), clone(s.regions[0]),
		func() (err error) { ids, err = s.healthy(ctx, 3); return err },
		func() error { return s.known(ctx) },
		func() error { s.populate(ids); return nil })
}

// populate opens a connection of each kind on blue, and on another machine. Blue is
// where the TCP connection lands, as that cannot be sent to a machine.
func (s *scene) populate(ids []string) {
	s.unopened = map[string]error{}
	keep := func(kept *[]*visit, kind, machine string) string {
		v, err := s.network.open(s.app, kind, machine)
		if err == nil && machine != "" && v.machine != machine {
			v.close()
			err = fmt.Errorf("it was opened for machine %s, and landed on %s", machine, v.machine)
		}
		if err != nil {
			s.unopened[kind] = err
			return ids[0]
		}
		*kept = append(*kept, v)
		return v.machine
	}
	s.spare, s.blue = "", keep(&s.held, "tcp", "")
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == s.blue })
	s.other, s.idle = ids[0], ids[1]
	for _, kind := range []string{"websocket", "stream", "h2"} {
		keep(&s.held, kind, s.blue)
		keep(&s.control, kind, s.other)
	}
}

// rest has two machines that serve, and no connections.
func (s *scene) rest(ctx context.Context) error {
	s.close()
	return inTurn(
		func() error { return s.client.Uncordon(ctx, s.blue) },
		func() error { return s.client.DestroyForce(ctx, s.idle) },
		func() error { _, err := s.until(ctx, changesWithin, s.idle, gone); return err },
		func() error { return s.known(ctx) })
}
