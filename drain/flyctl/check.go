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

// What reaches an argument vector is checked first: nothing empty, nothing that
// flyctl would take for a flag, nothing that a log or a terminal would trip over.
var (
	appPattern    = pattern{regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`), 63}
	idPattern     = pattern{regexp.MustCompile(`^[a-z0-9]{4,}$`), 64}
	regionPattern = pattern{regexp.MustCompile(`^[a-z]{3}$`), 3}
	groupPattern  = pattern{regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`), 63}
	imagePattern  = pattern{regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$`), 512}
	envPattern    = pattern{regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[^\x00-\x1f\x7f]*$`), math.MaxInt}
	signalPattern = pattern{regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]+$`), 16}
	wordPattern   = pattern{regexp.MustCompile(`^[a-z][a-z0-9_-]*$`), 32}
	labelPattern  = pattern{regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`), 128}
)

// pattern is what a text must look like. How long it may be stands beside it: with
// counted repetitions each program that imports us would begin 2 ms later.
type pattern struct {
	*regexp.Regexp
	most int // bytes
}

func (p pattern) MatchString(s string) bool { return len(s) <= p.most && p.Regexp.MatchString(s) }

// CheckApp tells whether name can be an app's: lower-case letters, digits and dashes.
func CheckApp(name string) error {
	return check("app name", name, appPattern, "lower-case letters, digits and dashes, 63 at most")
}

// CheckID tells whether id can be a machine's: letters and digits, as "fly machine list" prints it.
func CheckID(id string) error {
	return check("machine id", id, idPattern, "4 to 64 lower-case letters and digits, as fly machine list prints it")
}

// CheckRegion tells whether region can be one of Fly's: three letters.
func CheckRegion(region string) error {
	return check("region", region, regionPattern, "three lower-case letters, such as iad")
}

// CheckGroup tells whether group can be a process group's name.
func CheckGroup(group string) error {
	return check("process group", group, groupPattern, "letters, digits, dots, dashes and underscores")
}

// CheckImage tells whether ref can be an image reference.
func CheckImage(ref string) error {
	return check("image", ref, imagePattern, "a reference such as registry.fly.io/my-app:v2")
}

func check(what, value string, p pattern, want string) error {
	if p.MatchString(value) {
		return nil
	}
	return fmt.Errorf("%w: %q is no %s: want %s", ErrUsage, value, what, want)
}

// checkConfigFile tells whether name can be the file for --config; "" is none.
func checkConfigFile(name string) error {
	if strings.HasPrefix(name, "-") || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("%w: %q is no file name for flyctl's --config", ErrUsage, name)
	}
	return nil
}

// checkWaitTimeout takes what "fly deploy --wait-timeout" takes; "" is its default.
func checkWaitTimeout(s string) error {
	if s == "" || s == "none" {
		return nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return nil
	}
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return nil
	}
	return fmt.Errorf("%w: %q is no time to wait: want a duration such as 10m, a number of seconds, or none", ErrUsage, s)
}

// ours are the flags that say what a deploy or a build is about; help would end
// one with success and nothing done. Each short one is followed by its long one.
var ours = []string{"-a", "--app", "-c", "--config", "-i", "--image", "-h", "--help", "-s", "--signal",
	"--image-label", "--build-only", "--push", "--exclude-machines", "--only-machines", "--exclude-regions",
	"--regions", "--only-regions", "--process-groups", "--strategy", "--update-only", "--skip-release-command",
	"--ha", "--detach", "--wait-timeout", "--from-manifest", "--export-manifest"}

// switches are the flags of a build or a deploy that take no value, so that
// what follows one would be the folder to deploy from.
var switches = []string{"-y", "--yes", "--auto-confirm", "--now", "--remote-only", "--local-only", "--no-cache", "--nixpacks",
	"--buildkit", "--recreate-builder", "--wg", "--wireguard", "--no-public-ips", "--flycast", "--debug", "--verbose",
	"--smoke-checks", "--dns-checks", "--https-failover", "--http-failover", "--force-machines", "--builder-pool", "--depot"}

// CheckCommand tells whether a machine can be told to run command.
func CheckCommand(command string) error {
	if strings.TrimSpace(command) == "" || strings.HasPrefix(command, "-") || strings.ContainsFunc(command, unicode.IsControl) {
		return fmt.Errorf("%w: cannot run %q in a machine", ErrUsage, command)
	}
	return nil
}

// CheckExtra looks at flags that are to be handed on to a build or a deploy. It
// refuses those that would change what a command is about, or show a token, and
// anything that is neither a flag nor a flag's value.
func CheckExtra(args []string) error {
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
			return fmt.Errorf("%w: %q has a NUL in it", ErrUsage, arg)
		case name == "-t", name == "--access-token":
			return fmt.Errorf("%w: a token does not belong on a command line: set FLY_API_TOKEN", ErrUsage)
		case slices.Contains(ours, name):
			return fmt.Errorf("%w: %s cannot be passed on to flyctl: it is flydrain's to set", ErrUsage, name)
		case long, name == "-e", arg == "-y":
			value = !joined && !slices.Contains(switches, arg) && (long || arg == "-e")
		case short:
			return fmt.Errorf("%w: %s cannot be passed on to flyctl: spell the flag out", ErrUsage, name)
		case !wasValue || arg == "--":
			return fmt.Errorf("%w: %q cannot be passed on to flyctl: it is neither a flag nor a flag's value", ErrUsage, arg)
		}
	}
	return nil
}
