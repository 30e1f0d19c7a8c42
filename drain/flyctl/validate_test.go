package flyctl

import (
	"strings"
	"testing"
)

func TestWhatFlyMakesPassesTheChecks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		check func(string) error
		good  []string
	}{
		{"app", ValidateApp, []string{"my-app", "a", "0", "my-app-2"}},
		{"id", ValidateID, []string{one, "e784079b449483", "abcd"}},
		{"region", func(s string) error { return regionPattern.check(s) }, []string{"iad", "lhr"}},
		{"group", func(s string) error { return groupPattern.check(s) }, []string{"app", "worker", "web_1", "fly_app_console", "My.Group-2"}},
		{"image", func(s string) error { return imagePattern.check(s) }, []string{"registry.fly.io/my-app:v2", "nginx", "registry.fly.io/my-app@sha256:0123abcd", "localhost:5000/a/b:c"}},
		{"config file", validateConfigFile, []string{"", "fly.staging.toml", "deploy/fly toml", "/etc/fly.toml"}},
		{"wait timeout", validateWaitTimeout, []string{"", "none", "10m", "1m30s", "300"}},
	} {
		for _, s := range tc.good {
			if err := tc.check(s); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
	}
}

func TestHostileTextsDoNotPassTheChecks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		check func(string) error
	}{{"app", ValidateApp}, {"id", ValidateID}, {"region", func(s string) error { return regionPattern.check(s) }}, {"group", func(s string) error { return groupPattern.check(s) }}, {"image", func(s string) error { return imagePattern.check(s) }}} {
		for _, s := range hostile {
			if tc.check(s) == nil {
				t.Errorf("%s: %q passes", tc.name, s)
			}
		}
	}
	for _, s := range []string{"-x", " a", "a\nb", "a\x00", "\x1b[1m"} {
		if validateConfigFile(s) == nil {
			t.Errorf("config file: %q passes", s)
		}
	}
	for _, s := range []string{"-5m", "0", "5x", "10 m", "--force", "None"} {
		if validateWaitTimeout(s) == nil {
			t.Errorf("wait timeout: %q passes", s)
		}
	}
}

func TestNoTextIsLongerThanFlyTakesIt(t *testing.T) {
	for _, tc := range []struct {
		name string
		pattern
		most int
	}{
		{"app", appPattern, 63}, {"id", idPattern, 64}, {"region", regionPattern, 3}, {"group", groupPattern, 63}, {"image", imagePattern, 512},
		{"signal", signalPattern, 16}, {"strategy", strategyPattern, 32}, {"label", labelPattern, 128},
	} {
		if text := strings.Repeat("a", tc.most); !tc.matches(text) || tc.matches(text+"a") {
			t.Errorf("%s: %d characters %v, one more %v", tc.name, tc.most, tc.matches(text), tc.matches(text+"a"))
		}
	}
}

func TestUpperCaseIsNoRegionAppOrID(t *testing.T) {
	for _, err := range []error{regionPattern.check("IAD"), regionPattern.check("iadx"), ValidateApp("My-App"), ValidateID("0178100000DEAD"), ValidateID("abc"), ValidateApp("-a")} {
		if err == nil {
			t.Error("one of them passes")
		}
	}
}

func TestNoCheckShowsATokenGivenInPlaceOfAName(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	for _, token := range []string{plain, "FlyV1 " + macaroon + "," + discharge, strings.Repeat("x", 60) + " " + plain, plain[:5] + "\x1b[1m" + plain[5:]} {
		for name, err := range map[string]error{
			"app": ValidateApp(token), "id": ValidateID(token), "region": regionPattern.check(token), "group": groupPattern.check("-" + token), "image": imagePattern.check("-" + token),
			"command": ValidateCommand("-"+token, ""), "config": validateConfigFile("-" + token), "wait timeout": validateWaitTimeout(token),
			"args": validateExtra([]string{token}), "NUL": validateExtra([]string{"--x=\x00" + token}),
			"version": checkVersion("0.4.1-" + token), "no version": checkVersion(token),
		} {
			if err == nil || strings.Contains(err.Error(), plain[:6]) || strings.Contains(err.Error(), "fm2_") || strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestACheckSaysWhatIsWrongAndWhatIsWanted(t *testing.T) {
	for want, err := range map[string]error{
		`wrong usage: invalid machine id "-x": want 4 to 64 lower-case letters and digits, as fly machine list prints it`: ValidateID("-x"),
		`wrong usage: invalid app name "": want lower-case letters, digits and dashes, 63 at most`:                        ValidateApp(""),
		`wrong usage: invalid wait timeout "soon": want a duration such as 10m, a number of seconds, or none`:             validateWaitTimeout("soon"),
		`wrong usage: cannot run "a; b" in a machine: want a program and its arguments, on one line`:                      ValidateCommand("a\nb", ""),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAClientWithAnOddAppOrConfigRunsNothing(t *testing.T) {
	for _, c := range []*Client{{App: ""}, {App: "-a"}, {App: "a b"}, {App: "my-app", Config: "-x"}, {App: "my-app", Config: "a\x00"}} {
		f := &fake{answer: saying(printed("[]"))}
		c.Run = f.run
		_, err := c.List(t.Context())
		refused(t, f, err)
	}
}

func TestUsersOwnFlagsPassUnlessTheyChangeWhatADeployIsAbout(t *testing.T) {
	for _, tc := range []struct {
		args string // split at commas
		ok   bool
	}{
		{"", true},
		{"--remote-only", true},
		{"--build-arg,A=B,--build-arg=C=D,--no-cache", true},
		{"-e,A=B,-eC=D,-y", true},
		{"--dockerfile,Dockerfile.prod", true},
		{"--build-secret,id=token", true},

		{"-a,other", false}, {"-aother", false}, {"--app=other", false}, {"--app,other", false},
		{"-c,x.toml", false}, {"-cx.toml", false}, {"--config=x", false},
		{"-i,ref", false}, {"--image,ref", false}, {"--image=ref", false}, {"--image-label=x", false},
		{"-t,secret", false}, {"-tsecret", false}, {"--access-token=secret", false},
		{"-ya,other", false}, // a cluster of short flags
		{"-s,SIGKILL", false},
		{"-h", false}, {"--help", false}, // it would end well, with nothing done
		{"--build-only", false}, {"--push", false}, {"--detach=false", false}, {"--ha", false},
		{"--exclude-machines,x", false}, {"--only-machines=x", false}, {"--regions,iad", false},
		{"--only-regions,iad", false}, {"--exclude-regions=iad", false}, {"--process-groups=app", false},
		{"--strategy=immediate", false}, {"--update-only", false}, {"--skip-release-command", false},
		{"--wait-timeout=1s", false}, {"--from-manifest,x", false}, {"--export-manifest=-", false},
		{"otherdir", false}, {"--remote-only,otherdir", false}, {"--build-arg,A=B,otherdir", false}, {"--build-arg=A=B,otherdir", false},
		{"--,otherdir", false}, {"--", false}, {"-", false},
		{"--build-arg,-xfoo", false},
		{"--build-arg,--image", false}, // whatever pflag makes of it
		{"--build-arg,A=\x00", false},
	} {
		var args []string
		if tc.args != "" {
			args = strings.Split(tc.args, ",")
		}
		if err := validateExtra(args); (err == nil) != tc.ok {
			t.Errorf("%q: want ok %v, got %v", args, tc.ok, err)
		} else if err != nil && strings.Contains(err.Error(), "secret") && !strings.Contains(tc.args, "build") {
			t.Errorf("%q: the token is in the message: %v", args, err)
		}
	}
}
