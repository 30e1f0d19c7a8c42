package draintest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

var commands = []command{
	{"apps create", "<app name> [flags]", 0, 1, "", "name:s generate-name network:s machines yes,y save org,o:s", (*session).appsCreate},
	{"apps list", "[flags]", 0, 0, "", "org,o:s quiet,q", (*session).appsList},
	{"apps destroy", "<app name(s)> [flags]", 0, -1, "", "yes,y", (*session).appsDestroy},
	{"version", "", 0, -1, "", "", (*session).version},
	{"config show", "", 0, 0, "required", configFlags, (*session).configShow},
	{"logs", "[flags]", 0, 0, "required", "machine,m:s region,r:s no-tail,n", (*session).logs},
	{"deploy", "[WORKING_DIRECTORY] [flags]", 0, 1, "required", deployFlags, (*session).deploy},
	{"machine list", "[flags]", 0, 0, "required", "quiet,q", (*session).list},
	{"machine cordon", "[<id>...] [flags]", 0, -1, "optional", "", (*session).cordonAll},
	{"machine uncordon", "[<id>...] [flags]", 0, -1, "optional", "", (*session).cordonAll},
	{"machine start", "[<id>...] [flags]", 0, -1, "optional", "", (*session).startAll},
	{"machine stop", "[<id>...] [flags]", 0, -1, "optional", stopFlags, (*session).stopAll},
	{"machine restart", "[<id>...] [flags]", 0, -1, "optional", "signal,s:s time:i force skip-health-checks", (*session).restartAll},
	{"machine destroy", "[flags] ID ID ...", 0, -1, "optional", "force,f image,i:s", (*session).destroyAll},
	{"machine exec", "[machine-id] <command> [flags]", 1, 2, "optional", execFlags, (*session).execute},
	{"machine clone", "[machine_id] [flags]", 0, 1, "required", cloneFlags, (*session).clone},
	{"machine update", "[machine_id] [flags]", 0, 1, "optional", updateFlags, (*session).update},
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
		words = append(words, cmp.Or(aliases[a], a))
	}
	for n := len(words); n > 0; n-- {
		for _, c := range commands {
			if c.name == strings.Join(words[:n], " ") {
				return c, args[n:], nil
			}
		}
	}
	if len(words) == 0 || slices.Contains([]string{"machine", "config", "apps"}, words[0]) {
		return command{}, nil, nil // cobra prints the help of a parent
	}
	return command{}, nil, fmt.Errorf("unknown command %q for \"flyctl\"", words[0])
}

// parse looks at a command line; what is wrong with it stays in s.wrong.
func (s *session) parse(args []string, inProcess bool) {
	var rest []string
	s.command, rest, s.wrong = find(args)
	s.flags = pflag.NewFlagSet(s.name, pflag.ContinueOnError)
	s.flags.SetOutput(io.Discard)
	s.flags.Usage = func() {}
	s.flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return cmp.Or(sameFlags[name], pflag.NormalizedName(name))
	})
	declare(s.flags, rootFlags)
	if s.command.app != "" {
		declare(s.flags, appFlags)
	}
	declare(s.flags, s.command.flags)
	if s.wrong == nil && s.name != "" {
		s.wrong = s.flags.Parse(rest)
		s.pos = s.flags.Args()
		if s.wrong == nil {
			s.wrong = s.count(s.pos)
		}
		s.usage = s.wrong != nil
		s.app = s.text("app")
	}
	other := s.env("DRAINTEST_OTHER") != ""
	s.who = by{Who: strings.Join(args, " "), Ours: !other}
	if err := s.do(func(w *World) {
		s.id = w.begin(s.name, args, other)
		s.fault = w.strikeCommand(s.name, s.app, args)
		if a := w.Apps[s.app]; a != nil && a.toml != nil {
			own := *a.toml
			s.own = &own
		}
		token := s.env("FLY_API_TOKEN") + s.env("FLY_ACCESS_TOKEN") + s.text("access-token")
		if s.wrong == nil && (s.command.app != "" || strings.HasPrefix(s.name, "apps ")) && (w.NoAuth || !inProcess && token == "") {
			s.wrong = errors.New("no access token available. Please login with 'flyctl auth login'")
		}
	}); err != nil {
		s.wrong = err
	}
	if s.fault.Cut {
		s.out = &limited{s.out, s.fault.Keep}
	}
}

// run runs the command and returns its exit code.
func (s *session) run() (exit int) {
	defer func() { s.do(func(w *World) { w.finish(s.id, exit, s.name) }) }()
	err := s.wrong
	if err == nil && (s.name == "" || s.on("help")) {
		fmt.Fprintf(s.out, "Usage:\n  flyctl %s %s\n", s.name, s.use)
		return 0
	}
	if err == nil {
		err = s.loadApp()
	}
	if err == nil {
		if s.env("LOG_LEVEL") == "debug" {
			fmt.Fprintln(s.out, "DEBUG Loaded flyctl config from /root/.fly/config.yml")
		}
		err = s.command.run(s)
	}
	switch {
	case err == nil:
		return s.fault.Exit
	case errors.Is(err, errInterrupted):
		return 127
	}
	if s.usage {
		fmt.Fprintf(s.out, "Usage:\n  flyctl %s %s\n\n", s.name, s.use)
	}
	if s.env("FLY_GHA_ERROR_ANNOTATION") != "" {
		fmt.Fprintf(s.out, "::error title=flyctl error::%v\n", err)
	}
	fmt.Fprintf(s.talk, "Error: %v\n", err)
	return 1
}

// loadApp reads the fly.toml of the working folder, whatever the command, and
// settles which app it is about.
func (s *session) loadApp() error {
	if s.command.app == "" {
		return nil
	}
	if s.name == "deploy" && len(s.pos) == 1 {
		s.dir = join(s.dir, s.pos[0])
	}
	paths := []string{"fly.toml"}
	given := s.text("config")
	if given != "" {
		paths = []string{given, filepath.Join(given, "fly.toml")}
	} else if s.dir == "." && s.own != nil {
		s.cfg = s.own
		return nil
	}
	for _, path := range paths {
		at, err := filepath.Abs(join(s.dir, path))
		info, missing := os.Stat(at)
		if s.dir == "" && !filepath.IsAbs(path) || missing != nil || info.IsDir() {
			continue
		}
		var text []byte
		if err == nil {
			text, err = os.ReadFile(at)
		}
		if err == nil {
			s.cfg, err = config.Parse(at, text)
		}
		if err != nil {
			return fmt.Errorf("failed loading app config from %s: %w", at, err)
		}
		if s.cfg.Invalid != nil {
			fmt.Fprintf(s.talk, "WARN WARNING the config file at '%s' is not valid: %s\n", at, s.cfg.Invalid)
		}
		s.app = cmp.Or(s.app, s.env("FLY_APP"), s.cfg.App)
		break
	}
	if s.cfg == nil && given != "" {
		return fmt.Errorf("config file not found at specified path: %s (also tried: %s)", given, paths[1])
	}
	if s.app = cmp.Or(s.app, s.env("FLY_APP")); s.app == "" && s.command.app == "required" {
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

// limited is an output that is cut off.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	_, err := l.to.Write(p[:n])
	return len(p), err
}
