package draintest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// command is one of flyctl's.
type command struct {
	name  string
	use   string
	least int // arguments
	most  int // -1 is any number
	flags func(*pflag.FlagSet)
	app   string // "", "optional" or "required"
	run   func(*session) error
}

func commands() []command {
	return []command{
		{name: "version", most: -1, run: (*session).version},
		{name: "config show", app: "required", flags: configFlags, run: (*session).configShow},
		{name: "deploy", use: "[WORKING_DIRECTORY] [flags]", most: 1, app: "required", flags: deployFlags, run: (*session).deploy},
		{name: "machine list", use: "[flags]", app: "required", flags: listFlags, run: (*session).list},
		{name: "machine cordon", use: "[<id>...] [flags]", most: -1, app: "optional", run: (*session).cordonAll},
		{name: "machine uncordon", use: "[<id>...] [flags]", most: -1, app: "optional", run: (*session).cordonAll},
		{name: "machine start", use: "[<id>...] [flags]", most: -1, app: "optional", run: (*session).startAll},
		{name: "machine stop", use: "[<id>...] [flags]", most: -1, app: "optional", flags: stopFlags, run: (*session).stopAll},
		{name: "machine destroy", use: "[flags] ID ID ...", most: -1, app: "optional", flags: destroyFlags, run: (*session).destroyAll},
		{name: "machine exec", use: "[machine-id] <command> [flags]", least: 1, most: 2, app: "optional", flags: execFlags, run: (*session).execute},
		{name: "machine clone", use: "[machine_id] [flags]", most: 1, app: "required", flags: cloneFlags, run: (*session).clone},
		{name: "machine update", use: "[machine_id] [flags]", most: 1, app: "optional", flags: updateFlags, run: (*session).update},
	}
}

var aliases = map[string]string{
	"machines": "machine", "m": "machine", "ls": "list", "remove": "destroy", "rm": "destroy", "display": "show",
}

// find takes a command's name off the arguments.
func find(args []string) (command, []string, error) {
	words := []string{}
	for _, a := range args {
		if strings.HasPrefix(a, "-") || len(words) == 2 {
			break
		}
		if long := aliases[a]; long != "" {
			a = long
		}
		words = append(words, a)
	}
	for n := len(words); n > 0; n-- {
		for _, c := range commands() {
			if c.name == strings.Join(words[:n], " ") {
				return c, args[n:], nil
			}
		}
	}
	if len(words) == 0 || words[0] == "machine" || words[0] == "config" {
		return command{}, nil, nil // cobra prints the help of a parent
	}
	return command{}, nil, fmt.Errorf("unknown command %q for \"flyctl\"", words[0])
}

// parsed is a command line that was looked at, and what was wrong with it.
type parsed struct {
	command
	err   error
	usage bool // it comes before the error
}

func (s *session) parse(args []string, inProcess bool) parsed {
	cmd, rest, err := find(args)
	p := parsed{command: cmd, err: err}
	s.name = cmd.name
	s.flags = pflag.NewFlagSet(cmd.name, pflag.ContinueOnError)
	s.flags.SetOutput(io.Discard)
	s.flags.Usage = func() {}
	s.flags.StringP("access-token", "t", "", "")
	s.flags.Bool("verbose", false, "")
	s.flags.Bool("debug", false, "")
	s.flags.BoolP("json", "j", false, "")
	s.flags.BoolP("help", "h", false, "")
	if cmd.app != "" {
		s.flags.StringP("app", "a", "", "")
		s.flags.StringP("config", "c", "", "")
		s.flags.Bool("select", false, "")
	}
	if cmd.flags != nil {
		cmd.flags(s.flags)
	}
	if err == nil && cmd.name != "" {
		if err := s.flags.Parse(rest); err != nil {
			p.err, p.usage = err, true
		} else if err := cmd.count(s.flags.Args()); err != nil {
			p.err, p.usage = err, true
		}
		s.pos = s.flags.Args()
		s.app = s.text("app")
	}
	line := strings.Join(args, " ")
	other := s.env("DRAINTEST_OTHER") != ""
	s.who = by{Who: line, Ours: !other}
	if err := s.do(func(w *World) {
		s.id = w.begin(s.name, args, other)
		if f := w.strikeCommand(s.name, s.app, args); f != nil {
			s.fault = *f
		}
		if p.err == nil && cmd.app+cmd.name != "" && cmd.name != "version" {
			token := s.env("FLY_API_TOKEN") + s.env("FLY_ACCESS_TOKEN") + s.text("access-token")
			if w.NoAuth || !inProcess && token == "" {
				p.err = errors.New("no access token available. Please login with 'flyctl auth login'")
			}
		}
	}); err != nil {
		p.err = err
	}
	if s.fault.Cut {
		s.out = &limited{s.out, s.fault.Keep}
	}
	return p
}

// count checks the number of arguments, in cobra's words.
func (c command) count(args []string) error {
	switch n := len(args); {
	case c.most < 0 || n >= c.least && n <= c.most:
		return nil
	case c.most == 0:
		return fmt.Errorf("unknown command %q for %q", args[0], "flyctl "+c.name)
	case c.name == "deploy":
		return fmt.Errorf("accepts at most %d arg(s), received %d", c.most, n)
	default:
		return fmt.Errorf("accepts between %d and %d arg(s), received %d", c.least, c.most, n)
	}
}

// run runs a command and returns its exit code.
func (s *session) run(p parsed) int {
	err := p.err
	switch help, _ := s.flags.GetBool("help"); {
	case err != nil:
	case p.name == "" || help:
		fmt.Fprintf(s.out, "Usage:\n  flyctl %s %s\n", p.name, p.use)
		s.do(func(w *World) { w.finish(s.id, 0, s.name) })
		return 0
	default:
		err = s.loadApp(p.app)
	}
	if err == nil {
		if s.env("LOG_LEVEL") == "debug" {
			fmt.Fprintln(s.out, "DEBUG Loaded flyctl config from /root/.fly/config.yml")
		}
		err = p.run(s)
	}
	exit := 0
	switch {
	case err == nil:
		exit = s.fault.Exit
	case errors.Is(err, errInterrupted):
		exit = 127
	default:
		if p.usage {
			fmt.Fprintf(s.out, "Usage:\n  flyctl %s %s\n\n", p.name, p.use)
		}
		if s.env("FLY_GHA_ERROR_ANNOTATION") != "" {
			fmt.Fprintf(s.out, "::error title=flyctl error::%v\n", err)
		}
		fmt.Fprintf(s.talk, "Error: %v\n", err)
		exit = 1
	}
	s.do(func(w *World) { w.finish(s.id, exit, s.name) })
	return exit
}

// loadApp reads the fly.toml of the working folder, whatever the command, and
// settles which app it is about.
func (s *session) loadApp(need string) error {
	if need == "" {
		return nil
	}
	if s.name == "deploy" && len(s.pos) == 1 {
		s.dir = join(s.dir, s.pos[0])
	}
	paths := []string{"fly.toml"}
	given := s.text("config")
	if given != "" {
		paths = []string{given, filepath.Join(given, "fly.toml")}
	}
	for _, path := range paths {
		text, at, err := s.read(s.dir, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			s.cfg, err = config.Parse(at, []byte(text))
		}
		if err != nil {
			return fmt.Errorf("failed loading app config from %s: %w", at, err)
		}
		if s.cfg.Invalid != nil {
			fmt.Fprintf(s.talk, "WARN WARNING the config file at '%s' is not valid: %s\n", at, s.cfg.Invalid)
		}
		break
	}
	if s.cfg == nil && given != "" {
		return fmt.Errorf("config file not found at specified path: %s (also tried: %s)", given, paths[1])
	}
	if s.app == "" {
		s.app = s.env("FLY_APP")
	}
	if s.app == "" && s.cfg != nil {
		s.app = s.cfg.App
	}
	if s.app == "" && need == "required" {
		return errors.New("the config for your app is missing an app name, add an app field to the fly.toml file or specify with the -a flag")
	}
	return nil
}

func join(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func (s *session) text(flag string) string {
	v, _ := s.flags.GetString(flag)
	return v
}

func (s *session) on(flag string) bool {
	v, _ := s.flags.GetBool(flag)
	return v
}

func (s *session) items(flag string) []string {
	v, _ := s.flags.GetStringSlice(flag)
	return v
}

// limited is an output that is cut off.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.to.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
