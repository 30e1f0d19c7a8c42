package flyctl

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

func TestConfigShowReadsTheLocalFile(t *testing.T) {
	for _, tc := range []struct{ dir, config, wantDir, wantArgs string }{
		{"", "", ".", "config show --local --app my-app"},
		{"/app", "fly.staging.toml", "/app", "config show --local --app my-app --config fly.staging.toml"},
	} {
		c, f := client(saying(printed("{}")))
		c.Dir, c.Config = tc.dir, tc.config
		if _, err := c.ConfigShow(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantArgs(t, f.calls[0].Args, tc.wantArgs)
		if f.calls[0].Dir != tc.wantDir {
			t.Errorf("it ran in %q", f.calls[0].Dir)
		}
	}
}

func TestTheRecordedConfigIsRead(t *testing.T) {
	cfg, err := parseConfig(transcript(t, "config of the working folder, as JSON"))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.App != "my-app" || cfg.PrimaryRegion != "iad" || cfg.Build.Image != "registry.fly.io/my-app:v1" || !slices.Equal(cfg.Groups(), []string{"app", "worker"}) {
		t.Errorf("got %+v", cfg)
	}
	if len(cfg.VM) > 0 || len(cfg.Mounts) > 0 || cfg.Deploy.Strategy != "" {
		t.Errorf("it has what the file has not: %+v", cfg)
	}
}

func TestTheRestOfTheConfigIsReadToo(t *testing.T) {
	cfg, err := parseConfig(printed(`{"app":"a","env":{"X":"1"},"deploy":{"strategy":"canary"},"vm":[{"memory":"1gb","processes":["worker"]}],"mounts":[{"source":"data"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Env["X"] != "1" || cfg.Deploy.Strategy != "canary" || len(cfg.VM) != 1 || cfg.VM[0].Processes[0] != "worker" || len(cfg.Mounts) == 0 {
		t.Errorf("got %+v", cfg)
	}
	if !slices.Equal(cfg.Groups(), []string{"app"}) {
		t.Errorf("without processes: %v", cfg.Groups())
	}
	if cfg, err = parseConfig(printed(`{"vm":[{"memory":"1gb"}]}`)); err != nil || len(cfg.VM) != 1 {
		t.Errorf("a size for all: %+v, %v", cfg, err)
	}
}

// What flyctl v0.4.87 printed for "processes = 3", colours included.
const wrongType = "\x1b[33mWARN\x1b[0m WARNING the config file at '/app/fly.toml' is not valid: Unknown processes type: int64\n"

func TestAFlyTomlOfWrongTypesIsRefusedThoughFlyctlExits0(t *testing.T) {
	for _, out := range []string{"{\n  \"app\": \"my-app\"\n}\n", "{}\n"} {
		c, f := client(saying(Result{Stdout: []byte(out), Stderr: []byte(wrongType)}))
		_, err := c.ConfigShow(t.Context())
		wantKind(t, err, ErrNoConfig)
		if !strings.Contains(err.Error(), "Unknown processes type") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("the message does not say why: %q", err)
		}
		if f.count() != 1 {
			t.Errorf("it asked %d times", f.count())
		}
	}
}

func TestAMinimalFlyTomlIsFineWhateverElseFlyctlSays(t *testing.T) {
	for _, talk := range []string{"", "WARN failed loading cache file from /root/.fly/cache.yml: EOF\n", "Error spawning metrics process:  fork\n"} {
		if cfg, err := parseConfig(Result{Stdout: []byte(`{"app":"my-app"}`), Stderr: []byte(talk)}); err != nil || cfg.App != "my-app" {
			t.Errorf("%q: got %+v, %v", talk, cfg, err)
		}
	}
}

func TestAFlyTomlThatIsMissingOrBrokenIsToldAtOnce(t *testing.T) {
	for _, reason := range []string{
		"No local fly.toml found",
		"config file not found at specified path: nope.toml (also tried: nope.toml/fly.toml)",
		"failed loading app config from /app/fly.toml: row 2 column 5\n1| app = \"my-app\"\n2| [env\n |     ~ expected ']' to close table name",
		"failed loading app config from /app/fly.toml: open /app/fly.toml: permission denied",
		"failed loading app config from /app/fly.json: invalid token at EOF", // whatever its words are
	} {
		c, f := client(saying(failed(reason)))
		_, err := c.ConfigShow(t.Context())
		wantKind(t, err, ErrNoConfig)
		if f.count() != 1 {
			t.Errorf("%s: it asked %d times", reason, f.count())
		}
		for line := range strings.Lines(reason) {
			if line = strings.Join(strings.Fields(line), " "); !strings.Contains(err.Error(), line) {
				t.Errorf("the message lacks %q: %v", line, err)
			}
		}
	}
}

func TestAConfigThatCannotBeReadIsNoMissingOne(t *testing.T) {
	for _, out := range []string{"", "null", "[]", `{"app":`, `{"app":7,"env":{}}`} {
		synctest.Test(t, func(t *testing.T) {
			c, f := client(saying(printed(out)))
			_, err := c.ConfigShow(t.Context())
			wantKind(t, err, ErrBadOutput)
			if f.count() != retryUnknown {
				t.Errorf("%q: it asked %d times", out, f.count())
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(transcript(f, "config of the working folder, as JSON").Stdout, []byte(""))
	f.Add([]byte("{}"), []byte(wrongType))
	f.Add([]byte("null"), []byte(""))
	f.Add([]byte(`{"processes":{"":""},"vm":[{}]}`), []byte("\x1b["))
	f.Fuzz(func(t *testing.T, stdout, stderr []byte) {
		cfg, err := parseConfig(Result{Stdout: stdout, Stderr: stderr})
		if err != nil {
			if !errors.Is(err, ErrBadOutput) && !errors.Is(err, ErrNoConfig) {
				t.Fatal(err)
			}
			return
		}
		if len(cfg.Groups()) == 0 {
			t.Fatal("an app without a group")
		}
	})
}
