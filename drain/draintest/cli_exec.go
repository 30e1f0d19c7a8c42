package draintest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (s *session) execute() error {
	if s.text("container") != "" && s.on("no-container") {
		return errors.New("--container and --no-container are mutually exclusive")
	}
	if _, err := s.fetch(s.pos[:len(s.pos)-1]); err != nil {
		return err
	}
	id, cmd := s.pos[0], s.pos[1]
	if err := s.lasts(cmd); err != nil {
		return s.couldNotExec(id, err)
	}
	var answer ExecAnswer
	var whole []byte
	err := s.call("exec", id, func(w *World) (err error) {
		if answer, err = w.exec(s.app, id, cmd); err == nil {
			err = w.fits(&answer)
		}
		if err == nil {
			whole, err = printed(answer)
		}
		n, known := w.Open(id), strings.HasSuffix(answer.Stdout, sockstatEnd)
		if !strings.Contains(cmd, "/proc/net/tcp") {
			v, bad := strconv.Atoi(strings.TrimSpace(answer.Stdout))
			n, known = v, bad == nil
		}
		cut := s.fault.Cut && s.fault.Keep < len(whole)-len("\n")
		w.Looked(id, known && err == nil && answer.ExitCode == 0 && !cut, n)
		return err
	})
	if err != nil {
		s.do(func(w *World) { w.Machines[id].Look = &look{At: w.Now} })
		return s.couldNotExec(id, err)
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

func (s *session) couldNotExec(id string, err error) error {
	return wrap(err, "could not exec command on machine %s: failed to exec on VM %s: %w", id, id, err)
}

// lasts waits as long as a command does that sleeps, or until its time is over.
func (s *session) lasts(cmd string) error {
	words := strings.Fields(cmd)
	if len(words) != 2 || words[0] != "sleep" {
		return nil
	}
	seconds, _ := strconv.Atoi(words[1]) // none is 0
	takes, limit := time.Duration(seconds)*time.Second, time.Duration(0)
	if err := s.do(func(w *World) { limit = cmp.Or(w.ExecTime, 30*time.Second) }); err != nil {
		return err
	}
	err := s.pause(min(takes, limit))
	if err == nil && takes > limit {
		err = refused(http.StatusRequestTimeout, "deadline_exceeded: the command took too long")
	}
	return err
}

// fits refuses what is longer than an answer may be.
func (w *World) fits(a *ExecAnswer) error {
	most := cmp.Or(w.ExecMost, 10<<20)
	if len(a.Stdout)+len(a.Stderr) <= most {
		return nil
	}
	if a.Stdout = a.Stdout[:min(most, len(a.Stdout))]; w.ExecCuts {
		return nil
	}
	return refused(http.StatusRequestEntityTooLarge, "")
}
