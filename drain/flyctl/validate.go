package flyctl

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// What reaches an argument vector is checked first: nothing that flyctl would take
// for a flag, and no character that disturbs a log or a terminal. Some may be empty.
var (
	appPattern       = pattern{"app name", regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`), 63, "lower-case letters, digits and dashes, 63 at most"}
	idPattern        = pattern{"machine id", regexp.MustCompile(`^[a-z0-9]{4,}$`), 64, "4 to 64 lower-case letters and digits, as fly machine list prints it"}
	regionPattern    = pattern{"region", regexp.MustCompile(`^[a-z]{3}$`), 3, "three lower-case letters, such as iad"}
	groupPattern     = pattern{"process group", regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`), 63, "letters, digits, dots, dashes and underscores"}
	containerPattern = pattern{"container name", regexp.MustCompile(`^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$`), 63, "letters, digits, dots, dashes and underscores"}
	imagePattern     = pattern{"image", regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$`), 512, "a reference such as registry.fly.io/my-app:v2"}
	labelPattern     = pattern{"image label", regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`), 128, "letters, digits, dots, dashes and underscores"}
	envPattern       = pattern{"environment variable", regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[^\x00-\x1f\x7f]*$`), math.MaxInt, "NAME=VALUE"}
	autostopPattern  = pattern{"autostop", regexp.MustCompile(`^(off|stop|suspend)$`), 7, "off, stop or suspend"}
	signalPattern    = pattern{"signal", regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]+)?$`), 16, "a name such as SIGTERM"}
	strategyPattern  = pattern{"strategy", regexp.MustCompile(`^([a-z][a-z0-9_-]*)?$`), 32, "rolling, immediate, bluegreen or canary"}
	cpuKindPattern   = pattern{"CPU kind", strategyPattern.Regexp, 32, "shared or performance"}
)

// pattern is what a text must look like. Its greatest length is a number of its
// own: counted repetitions cost each program that imports us 2 ms at its start.
type pattern struct {
	what string
	*regexp.Regexp
	most int // bytes
	want string
}

func (p pattern) matches(s string) bool { return len(s) <= p.most && p.MatchString(s) }

func (p pattern) check(values ...string) error {
	for _, s := range values {
		if !p.matches(s) {
			return fmt.Errorf("%w: invalid %s %s: want %s", ErrUsage, p.what, excerpt(s), p.want)
		}
	}
	return nil
}

// ValidateApp returns an error unless name can be an app's: lower-case letters,
// digits and dashes.
func ValidateApp(name string) error { return appPattern.check(name) }

// ValidateID returns an error unless id can be a machine's: lower-case letters
// and digits, as "fly machine list" prints it.
func ValidateID(id string) error { return idPattern.check(id) }

// validateConfigFile returns an error unless name can be the file for --config; "" is none.
func validateConfigFile(name string) error {
	if strings.HasPrefix(name, "-") || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("%w: invalid file name for flyctl's --config: %s", ErrUsage, excerpt(name))
	}
	return nil
}

// validateWaitTimeout takes what "fly deploy --wait-timeout" takes; "" is its default.
func validateWaitTimeout(s string) error {
	d, err := time.ParseDuration(s)
	if n, e := strconv.Atoi(s); e == nil {
		d, err = time.Duration(n), nil
	}
	if s == "" || s == "none" || err == nil && d > 0 {
		return nil
	}
	return fmt.Errorf("%w: invalid wait timeout %s: want a duration such as 10m, a number of seconds, or none", ErrUsage, excerpt(s))
}

// ValidateCommand returns an error unless a machine can be told to run command in that
// container; "" is the one that Fly chooses.
func ValidateCommand(command, container string) error {
	if strings.TrimSpace(command) == "" || strings.HasPrefix(command, "-") || strings.ContainsFunc(command, unicode.IsControl) {
		return fmt.Errorf("%w: cannot run %s in a machine: want a program and its arguments, on one line", ErrUsage, excerpt(command))
	}
	return containerPattern.check(container)
}

// ours are the flags that say what a deploy or a build is about. Help is one: with
// it flyctl does nothing and reports success. A short flag stands before its long one.
var ours = []string{"-a", "--app", "-c", "--config", "-i", "--image", "-h", "--help", "-s", "--signal",
	"--image-label", "--build-only", "--push", "--exclude-machines", "--only-machines", "--exclude-regions",
	"--regions", "--only-regions", "--process-groups", "--strategy", "--update-only", "--skip-release-command",
	"--ha", "--detach", "--wait-timeout", "--from-manifest", "--export-manifest"}

// switches are the flags of a build or a deploy that take no value: what follows
// one would be the folder to deploy from.
var switches = []string{"-y", "--yes", "--auto-confirm", "--now", "--remote-only", "--local-only", "--no-cache", "--nixpacks",
	"--buildkit", "--recreate-builder", "--wg", "--wireguard", "--no-public-ips", "--flycast", "--debug", "--verbose",
	"--smoke-checks", "--dns-checks", "--https-failover", "--http-failover", "--force-machines", "--builder-pool", "--depot"}

// validateExtra returns an error unless args are flags and their values that can
// be passed on to a build or a deploy. It refuses flags that change what the
// command is about, or that would show a token.
func validateExtra(args []string) error {
	value := false // the flag before can take this argument as its value
	for _, arg := range args {
		name, _, joined := strings.Cut(arg, "=")
		long := strings.HasPrefix(arg, "--") && len(arg) > 2
		short := !strings.HasPrefix(arg, "--") && strings.HasPrefix(arg, "-") && len(arg) > 1
		if short {
			name = arg[:2]
		}
		wasValue := value
		value = false
		switch {
		case strings.ContainsRune(arg, 0):
			return fmt.Errorf("%w: %s contains a NUL", ErrUsage, excerpt(arg))
		case name == "-t", name == "--access-token":
			return fmt.Errorf("%w: a token does not belong on a command line: set FLY_API_TOKEN", ErrUsage)
		case slices.Contains(ours, name):
			return fmt.Errorf("%w: %s cannot be passed on to flyctl: flydrain sets it", ErrUsage, name)
		case long, name == "-e", arg == "-y":
			value = !joined && !slices.Contains(switches, arg) && (long || arg == "-e")
		case short:
			return fmt.Errorf("%w: %s cannot be passed on to flyctl: use the flag's long form", ErrUsage, excerpt(name))
		case !wasValue || arg == "--":
			return fmt.Errorf("%w: %s cannot be passed on to flyctl: it is neither a flag nor a flag's value", ErrUsage, excerpt(arg))
		}
	}
	return nil
}
