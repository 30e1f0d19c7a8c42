package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/flydrain/flydrain/drain/flyctl"
)

//go:embed testdata/thread.sh
var threadCommands string

// shell is sh at work on the thread's commands, with a flyctl that is this
// program. Each command goes through a socket to the simulated Fly. The shell and
// the socket are outside of the bubble of simulated time: while the shell is at
// work, time stands still, and while flyctl is, the shell waits.
type shell struct {
	net.Listener
	requests chan request
	ended    chan error // how the shell ended
}

// request is a command that the shell runs.
type request struct {
	flyctl.Command
	answer chan flyctl.Result
}

// socketVariable names the socket to a flyctl that is this program.
const socketVariable = "FLYDRAIN_BENCH_SOCKET"

// startShell runs the thread's commands in a folder of its own. Without a fly.toml,
// flyctl takes the configuration of the last deploy.
func startShell(dir, app string) (*shell, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(self, filepath.Join(dir, "flyctl")); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	s := &shell{listener, make(chan request), make(chan error, 1)}
	cmd := exec.Command("sh", "-c", threadCommands, "thread.sh", app)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), socketVariable+"="+socket)
	go s.accept()
	go func() {
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
		s.ended <- err
	}()
	return s, nil
}

func (s *shell) accept() {
	for {
		conn, err := s.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			r := request{answer: make(chan flyctl.Result)}
			if err := json.NewDecoder(conn).Decode(&r.Command); err != nil {
				return
			}
			s.requests <- r
			_ = json.NewEncoder(conn).Encode(<-r.answer) // a shell that was killed does not listen
		}()
	}
}

// serve runs the shell's commands until it ends.
func (s *shell) serve(run flyctl.Runner) error {
	for {
		select {
		case err := <-s.ended:
			return err
		case r := <-s.requests:
			res, err := run(context.Background(), r.Command)
			if err != nil {
				return err
			}
			r.answer <- res
		}
	}
}

// beFlyctl is the program that the shell runs as flyctl.
func beFlyctl(args []string) int {
	res, err := ask(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	os.Stdout.Write(res.Stdout)
	os.Stderr.Write(res.Stderr)
	return res.ExitCode
}

func ask(args []string) (res flyctl.Result, err error) {
	conn, err := net.Dial("unix", os.Getenv(socketVariable))
	if err != nil {
		return res, err
	}
	defer conn.Close()
	dir, err := os.Getwd()
	if err != nil {
		return res, err
	}
	if err := json.NewEncoder(conn).Encode(flyctl.Command{Args: args, Dir: dir}); err != nil {
		return res, err
	}
	return res, json.NewDecoder(conn).Decode(&res)
}
