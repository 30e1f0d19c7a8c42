package draintest

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// The flags of each command, as flyctl declares them: what it does not know is
// refused, and what takes a value takes it in the same way. A flag reads
// "name,shorthand:type=default?alone", where alone is its value without one, and the
// type s is a string, i an integer, f a number, d a duration, l a list, a a list
// without commas; a switch has none.
const (
	rootFlags   = "access-token,t:s verbose debug json,j help,h"
	appFlags    = "app,a:s config,c:s select"
	configFlags = "local yaml toml"
	stopFlags   = "signal,s:s timeout:i wait-timeout,w:d"
	execFlags   = "timeout:i container:s no-container"
	vmFlags     = ` vm-size:s vm-cpu-kind:s vm-memory:s vm-max-memory:s vm-gpu-kind:s host-dedication-id:s vm-cpus:i vm-gpus:i`
	cloneFlags  = `region,r:s name:s from-snapshot:s attach-volume:s override-cmd:s clear-cmd clear-auto-destroy detach
		standby-for:l volume-requires-unique-zone=true` + vmFlags
	updateFlags = `image,i:s yes,y command,C:s port,p:l standby-for:l env,e:a metadata,m:a autostart=true autostop:s=off?stop wait-timeout:i=300
		skip-start skip-health-checks detach build-only build-remote-only build-local-only build-depot build-nixpacks no-build-cache
		skip-dns-registration buildkit mount-point:s container:s entrypoint:s dockerfile:s image-label:s build-target:s machine-config:s
		schedule:s restart:s rootfs-persist:s rootfs-size:s swap-size:s cachedrive-size:s buildkit-addr:s buildkit-image:s
		build-context-warn-size:s build-arg:a kernel-arg:a file-local:a file-literal:a file-secret:a` + vmFlags
	deployFlags = `image,i:s yes,y env,e:a signal,s:s now remote-only local-only push wg https-failover detach no-cache nixpacks buildkit
		build-only recreate-builder no-public-ips flycast update-only skip-release-command force-machines strategy:s dockerfile:s
		ignorefile:s image-label:s build-target:s depot-scope:s buildkit-addr:s buildkit-image:s buildpacks-docker-host:s
		primary-region:s export-manifest:s from-manifest:s compression:s build-context-warn-size:s depot:s=auto?true
		builder-pool:s=auto?true build-arg:a build-secret:a label:a file-local:a file-literal:a file-secret:a buildpacks-volume:l
		regions:l only-regions:l exclude-regions:l only-machines:l exclude-machines:l process-groups:l wait-timeout:s=5m0s
		release-command-timeout:s=5m0s lease-timeout:s=13s deploy-retries:s=auto ha=true smoke-checks=true dns-checks=true
		max-unavailable:f=0.33 max-concurrent:i=8 immediate-max-concurrent:i=8 volume-initial-size:i compression-level:i=7` + vmFlags
)

// sameFlags are those that flyctl has under two names.
var sameFlags = map[string]pflag.NormalizedName{"cpus": "vm-cpus", "memory": "vm-memory", "vm-cpukind": "vm-cpu-kind"}

func declare(f *pflag.FlagSet, flags string) {
	for _, text := range strings.Fields(flags) {
		text, alone, _ := strings.Cut(text, "?")
		text, value, _ := strings.Cut(text, "=")
		text, kind, _ := strings.Cut(text, ":")
		name, short, _ := strings.Cut(text, ",")
		switch kind {
		case "":
			f.BoolP(name, short, value == "true", "")
		case "s":
			f.StringP(name, short, value, "")
		case "i":
			n, _ := strconv.Atoi(value) // none is 0
			f.IntP(name, short, n, "")
		case "f":
			f.Float64P(name, short, 0, "")
		case "d":
			f.DurationP(name, short, 0, "")
		case "l":
			f.StringSliceP(name, short, nil, "")
		case "a":
			f.StringArrayP(name, short, nil, "")
		}
		if alone != "" {
			f.Lookup(name).NoOptDefVal = alone
		}
	}
}

// guest is a machine's size by the --vm flags, on top of another one.
func (s *session) guest(base config.Guest) (config.Guest, error) {
	g := cmp.Or(base, config.Sized(""))
	if size := s.text("vm-size"); size != "" {
		g = config.Sized(size)
	}
	if s.flags.Changed("vm-cpus") {
		if g.CPUs = s.number("vm-cpus"); g.CPUs <= 0 {
			return g, fmt.Errorf("--vm-cpus must be greater than zero, got: %d", g.CPUs)
		}
	}
	if s.flags.Changed("vm-memory") {
		if g.MemoryMB = config.Megabytes(s.text("vm-memory")); g.MemoryMB == 0 {
			return g, errors.New("--vm-memory cannot be zero")
		}
	}
	if s.flags.Changed("vm-cpu-kind") {
		if g.CPUKind = s.text("vm-cpu-kind"); g.CPUKind != "shared" && g.CPUKind != "performance" {
			return g, errors.New("--vm-cpu-kind must be set to 'shared' or 'performance'")
		}
	}
	return g, nil
}
