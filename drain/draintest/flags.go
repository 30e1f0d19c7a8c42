package draintest

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// The flags of each command, as flyctl declares them: what it does not know is
// refused, and what takes a value takes it in the same way.

func configFlags(f *pflag.FlagSet) { bools(f, "local", "yaml", "toml") }
func listFlags(f *pflag.FlagSet)   { f.BoolP("quiet", "q", false, "") }

func stopFlags(f *pflag.FlagSet) {
	f.StringP("signal", "s", "", "")
	f.Int("timeout", 0, "")
	f.DurationP("wait-timeout", "w", 0, "")
}

func destroyFlags(f *pflag.FlagSet) {
	f.BoolP("force", "f", false, "")
	f.StringP("image", "i", "", "")
}

func execFlags(f *pflag.FlagSet) {
	f.Int("timeout", 0, "")
	f.String("container", "", "")
	f.Bool("no-container", false, "")
}

func cloneFlags(f *pflag.FlagSet) {
	f.StringP("region", "r", "", "")
	strs(f, "name", "from-snapshot", "attach-volume", "override-cmd")
	bools(f, "clear-cmd", "clear-auto-destroy", "detach")
	f.StringSlice("standby-for", nil, "")
	f.Bool("volume-requires-unique-zone", true, "")
	vmFlags(f)
}

func updateFlags(f *pflag.FlagSet) {
	f.StringP("image", "i", "", "")
	f.BoolP("yes", "y", false, "")
	bools(f, "skip-start", "skip-health-checks", "detach", "build-only", "build-remote-only", "build-local-only",
		"build-depot", "build-nixpacks", "no-build-cache", "skip-dns-registration", "buildkit")
	f.StringP("command", "C", "", "")
	strs(f, "mount-point", "container", "entrypoint", "dockerfile", "image-label", "build-target", "machine-config",
		"schedule", "restart", "rootfs-persist", "rootfs-size", "swap-size", "cachedrive-size", "buildkit-addr", "buildkit-image", "build-context-warn-size")
	f.Int("wait-timeout", 300, "")
	f.StringSliceP("port", "p", nil, "")
	f.StringSlice("standby-for", nil, "")
	f.StringArrayP("env", "e", nil, "")
	f.StringArrayP("metadata", "m", nil, "")
	arrays(f, "build-arg", "kernel-arg", "file-local", "file-literal", "file-secret")
	f.Bool("autostart", true, "")
	f.String("autostop", "off", "")
	f.Lookup("autostop").NoOptDefVal = "stop"
	vmFlags(f)
}

func deployFlags(f *pflag.FlagSet) {
	f.StringP("image", "i", "", "")
	f.BoolP("yes", "y", false, "")
	f.StringArrayP("env", "e", nil, "")
	f.StringP("signal", "s", "", "")
	bools(f, "now", "remote-only", "local-only", "push", "wg", "https-failover", "detach", "no-cache", "nixpacks", "buildkit",
		"build-only", "recreate-builder", "no-public-ips", "flycast", "update-only", "skip-release-command", "force-machines")
	strs(f, "strategy", "dockerfile", "ignorefile", "image-label", "build-target", "depot-scope", "buildkit-addr", "buildkit-image",
		"buildpacks-docker-host", "primary-region", "export-manifest", "from-manifest", "compression", "build-context-warn-size")
	for _, name := range []string{"depot", "builder-pool"} {
		f.String(name, "auto", "")
		f.Lookup(name).NoOptDefVal = "true"
	}
	arrays(f, "build-arg", "build-secret", "label", "file-local", "file-literal", "file-secret")
	f.StringSlice("buildpacks-volume", nil, "")
	for _, name := range []string{"regions", "only-regions", "exclude-regions", "only-machines", "exclude-machines", "process-groups"} {
		f.StringSlice(name, nil, "")
	}
	f.String("wait-timeout", "5m0s", "")
	f.String("release-command-timeout", "5m0s", "")
	f.String("lease-timeout", "13s", "")
	f.String("deploy-retries", "auto", "")
	for _, name := range []string{"ha", "smoke-checks", "dns-checks"} {
		f.Bool(name, true, "")
	}
	f.Float64("max-unavailable", 0.33, "")
	for _, name := range []string{"max-concurrent", "immediate-max-concurrent"} {
		f.Int(name, 8, "")
	}
	f.Int("volume-initial-size", 0, "")
	f.Int("compression-level", 7, "")
	vmFlags(f)
}

func vmFlags(f *pflag.FlagSet) {
	strs(f, "vm-size", "vm-cpu-kind", "vm-cpukind", "vm-memory", "memory", "vm-max-memory", "vm-gpu-kind", "host-dedication-id")
	for _, name := range []string{"vm-cpus", "cpus", "vm-gpus"} {
		f.Int(name, 0, "")
	}
}

func bools(f *pflag.FlagSet, names ...string) {
	for _, n := range names {
		f.Bool(n, false, "")
	}
}

func strs(f *pflag.FlagSet, names ...string) {
	for _, n := range names {
		f.String(n, "", "")
	}
}

func arrays(f *pflag.FlagSet, names ...string) {
	for _, n := range names {
		f.StringArray(n, nil, "")
	}
}

// guest is a machine's size by the --vm flags, on top of another one.
func (s *session) guest(base config.Guest) (config.Guest, error) {
	g := cmp.Or(base, config.Sized(""))
	if size := s.text("vm-size"); size != "" {
		g = config.Sized(size)
	}
	for _, name := range []string{"vm-cpus", "cpus"} {
		if s.flags.Changed(name) {
			n, err := s.flags.GetInt(name)
			if err != nil {
				return g, err
			}
			if n <= 0 {
				return g, fmt.Errorf("--vm-cpus must be greater than zero, got: %d", n)
			}
			g.CPUs = n
		}
	}
	for _, name := range []string{"vm-memory", "memory"} {
		if s.flags.Changed(name) {
			if g.MemoryMB = config.Megabytes(s.text(name)); g.MemoryMB == 0 {
				return g, errors.New("--vm-memory cannot be zero")
			}
		}
	}
	for _, name := range []string{"vm-cpu-kind", "vm-cpukind"} {
		if s.flags.Changed(name) {
			if g.CPUKind = s.text(name); g.CPUKind != "shared" && g.CPUKind != "performance" {
				return g, errors.New("--vm-cpu-kind must be set to 'shared' or 'performance'")
			}
		}
	}
	return g, nil
}
