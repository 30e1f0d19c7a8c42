package draintest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// simNamed is what the arguments of flysim have named.
type simNamed struct {
	world *World
	app   *App          // APP
	n     int           // N
	d     time.Duration // D
}

// simArgument is what an argument, a flag or a setting of flysim must be.
type simArgument struct {
	refusal string // of one that is not
	ok      func(s *simNamed, v string) bool
}

// simArguments are the arguments by their names in the help, the flags, and the settings.
// Those that are not here may be anything.
var simArguments = map[string]simArgument{
	"APP":    {"no app %q", func(s *simNamed, v string) bool { s.app = s.world.Apps[v]; return s.app != nil }},
	"D":      {"%q is not a duration, such as 40s", func(s *simNamed, v string) bool { return (*duration)(&s.d).Set(v) == nil }},
	"ID":     {"no machine %q", func(s *simNamed, v string) bool { return s.world.Machine(v) != nil }},
	"ID|REF": {"%q is neither a machine nor an image of an app that is here", func(s *simNamed, v string) bool { return s.world.Machine(v) != nil || isImage(s, v) }},
	"MARK":   like("a mark, such as 20240101T000000Z-ab12/1/2", `\d{8}T\d{6}Z-[0-9a-z]+/\d+/\d+`),
	"N":      {"%q is not a number", func(s *simNamed, v string) bool { n, err := strconv.Atoi(v); s.n = n; return err == nil }},
	"NAME":   like("the name of an app", "[a-z0-9-]+"),
	"PREFIX": {"no command of the simulated flyctl begins with %q", func(_ *simNamed, v string) bool {
		of, _, _ := find(strings.Fields(v))
		return of.name != "" || slices.ContainsFunc(commands, func(k command) bool { return strings.HasPrefix(k.name, v) })
	}},
	"REF":  {"%q is not an image of an app that is here, such as registry.fly.io/my-app:v2", isImage},
	"hang": oneOf("hang"),

	"fault": {"the simulated flyctl has no command %q", func(_ *simNamed, v string) bool { return mainCalls[v] != nil }},
	"-app":  {"no app %q", func(s *simNamed, v string) bool { return s.world.Apps[v] != nil }},
	"-call": oneOf("get", "list", "lease", "release", "create", "update", "cordon", "uncordon", "start", "stop", "restart", "destroy",
		"exec", "logs", "build", "create app", "list apps", "destroy app", "version", "config", "entry", "ps"),
	"-every":   {"nothing comes every %s", func(_ *simNamed, v string) bool { return v != "0s" && v[0] != '-' }},
	"-group":   {"the app has no group %q", func(s *simNamed, v string) bool { return s.world.hasGroup(s.app, v) }},
	"-image":   {"%q is not an image of an app that is here, such as registry.fly.io/my-app:v2", isImage},
	"-machine": like("the id of a machine, such as 17810000000001", "1781[0-9a-f]{10}"), // it may be one that a release will make
	"-view":    oneOf("stale", "empty", "short", "no-cordoned", "no-config", "no-image", "1970"),

	"allow":       oneOf("S1", "S2", "S3", "S4", "S5"),
	"cordon-cuts": oneOf("websocket", "stream", "h2", "tcp"),
	"cordon-lost": oneOf("start", "restart", "update"),
}

func oneOf(all ...string) simArgument {
	return simArgument{"%q is not one of " + strings.Join(all, ", "), func(_ *simNamed, v string) bool { return slices.Contains(all, v) }}
}

func like(what, form string) simArgument {
	return simArgument{"%q is not " + what, func(_ *simNamed, v string) bool { return regexp.MustCompile("^" + form + "$").MatchString(v) }}
}

// isImage reports whether something is an image with its tag, and of an app that is there where Fly has it.
func isImage(s *simNamed, v string) bool {
	path, fly := strings.CutPrefix(v, "registry.fly.io/")
	app, _, tagged := strings.Cut(path, ":")
	app, _, _ = strings.Cut(app, "@")
	return tagged && (!fly || s.world.Apps[app] != nil)
}

func (w *World) hasGroup(a *App, group string) bool {
	return a != nil && (len(w.groups[a.Name+"/"+group]) > 0 || a.Config != nil && slices.Contains(a.Config.Groups(), group))
}

// duration is a flag.
type duration time.Duration

func (d *duration) String() string { return time.Duration(*d).String() }

func (d *duration) Set(s string) (err error) {
	*(*time.Duration)(d), err = time.ParseDuration(s)
	return wrap(err, "must be a duration, such as 40s")
}
