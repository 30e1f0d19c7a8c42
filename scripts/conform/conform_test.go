package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// recorded is a flyctl that has the flags which the help texts of flyctl 0.4.87
// have, changed as a test wants it.
func recorded(t *testing.T, version string, change func(command, help string) string) flyctl.Runner {
	return func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		if slices.Equal(cmd.Args, []string{"version", "--json"}) {
			return flyctl.Result{Stdout: []byte(`{"Version":"` + version + `"}`)}, nil
		}
		command := use{cmd.Args}.command()
		data, err := os.ReadFile(filepath.Join("../../testdata/flyctl/help", strings.ReplaceAll(command, " ", "-")+".txt"))
		if err != nil {
			t.Error(err)
		}
		help := string(data)
		if change != nil {
			help = change(command, help)
		}
		for _, f := range (use{cmd.Args}).flags() {
			if !regexp.MustCompile(`(?m)^\s+(-\w, )?` + f.name + `\b`).MatchString(help) {
				return flyctl.Result{Stdout: data, Stderr: []byte("Error: unknown flag: " + f.name + "\n"), ExitCode: 1}, nil
			}
		}
		return flyctl.Result{Stdout: []byte(help)}, nil
	}
}

func TestFlyctlSuitsAsItsHelpWasRecorded(t *testing.T) {
	var out bytes.Buffer
	if err := conform(t.Context(), recorded(t, "0.4.87", nil), &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	for _, line := range []string{
		"its version 0.4.87 suits: 0.4.69 or newer is wanted",
		"ok    machine cordon   --app",
		"      --autostop takes its value only after =, and is given it so",
	} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("no line %q in\n%s", line, &out)
		}
	}
}

func TestWhatFlyctlLacksIsTold(t *testing.T) {
	replace := func(command, old, now string) func(string, string) string {
		return func(c, help string) string {
			if c == command {
				help = strings.Replace(help, old, now, 1)
			}
			return help
		}
	}
	for name, c := range map[string]struct {
		version string
		change  func(command, help string) string
		says    string
	}{
		"a flag":                       {"0.4.87", replace("deploy", "--only-machines ", "--other-machines "), "it has no flag --only-machines"},
		"a command":                    {"0.4.87", replace("machine cordon", "flyctl machine cordon ", "flyctl machine "), "there is no such command"},
		"a value in a word of its own": {"0.4.87", replace("machine clone", "--region string ", `--region string[="iad"] `), "--region takes its value only after ="},
		"a value":                      {"0.4.87", replace("machine stop", "--signal string", "--signal       "), "--signal takes no value"},
		"a switch":                     {"0.4.87", replace("deploy", "--detach ", "--detach string "), "--detach wants a value"},
		"years":                        {"0.4.68", nil, "its version 0.4.68 is too old"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := conform(t.Context(), recorded(t, c.version, c.change), &out)
			if err == nil || !strings.Contains(out.String(), c.says) {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
}

// Two flags that it does not have are both told.
func TestAllThatFlyctlLacksIsTold(t *testing.T) {
	var out bytes.Buffer
	err := conform(t.Context(), recorded(t, "0.4.87", func(_, help string) string {
		return strings.NewReplacer("--image-label", "--label-of-image", "--push ", "--pull ", "--app ", "--apple ").Replace(help)
	}), &out)
	if err == nil || !strings.Contains(err.Error(), "15 of 19 commands") {
		t.Errorf("%v\n%s", err, &out)
	}
	for _, flag := range []string{"--image-label", "--push"} {
		if !strings.Contains(out.String(), "it has no flag "+flag+"\n") {
			t.Errorf("%s is not told\n%s", flag, &out)
		}
	}
}

func TestTheSimulatedFlyctlHasEveryCommandAndFlagThatIsUsed(t *testing.T) {
	var out bytes.Buffer
	if err := conform(t.Context(), draintest.NewFly(nil).Runner(), &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}
