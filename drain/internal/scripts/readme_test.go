package scripts_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestTheREADMEsSessionByHand runs the commands that build the simulated Fly and deploy
// to it, as they are written, but for the folder, and without the waits for Fly. It is for
// the long run: examples/deploy and the simulated flyctl have scripts besides.
func TestTheREADMEsSessionByHand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a shell")
	}
	if os.Getenv("FLYDRAIN_LONG") == "" {
		t.Skip("it builds three programs: FLYDRAIN_LONG is not set")
	}
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	session := regexp.MustCompile(`(?m)(?:^    .*(?:flysim|sim/).*\n){3,}`).FindString(string(readme))
	dir := t.TempDir()
	session = strings.ReplaceAll(strings.ReplaceAll(session, "$PWD/sim/", "sim/"), "sim/", dir+"/")
	session = strings.ReplaceAll(session, ":v2", ":v2 -list-every 10ms -propagation 0 -settle 0 -poll 10ms -confirm 0")
	cmd := exec.Command("sh", "-e", "-c", session+dir+"/flysim account")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	for _, want := range []string{"# my-app: 3 machines serve, 0 drain; 3 will be created\n", "\ndone: my-app\n", "opened 9  ended 9  open 0  refused 0  cut 0"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("%v, without %q:\n%s\n%s", err, want, session, out)
		}
	}
}

// TestTheREADMEsGoRuns runs each piece of Go in the README as the body of a program, on a
// simulated Fly, which takes half a minute. Without FLYDRAIN_LONG it only compiles them.
func TestTheREADMEsGoRuns(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var cases, bodies strings.Builder
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	for i, block := range blocks {
		fmt.Fprintf(&cases, "case \"%d\":\n block%d(context.Background())\n", i, i)
		fmt.Fprintf(&bodies, "func block%d(ctx context.Context) {\n%s", i, block[1])
		if strings.Contains(block[1], "err =") {
			bodies.WriteString("if err != nil {\n panic(err)\n}\n")
		}
		bodies.WriteString("}\n")
	}
	source := `package main
import (
	"context"
	"os"
	"github.com/bitfield/script"
	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)
func main() {
	switch os.Getenv("BLOCK") {
	` + cases.String() + `}
}
` + bodies.String()
	program := filepath.Join(dir, "readme.exe")
	if err := os.WriteFile(program+".go", []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	build := []string{"build", "-o", program, program + ".go"}
	long := os.Getenv("FLYDRAIN_LONG") != ""
	if !long {
		build = []string{"vet", program + ".go"}
	}
	if out, err := exec.Command("go", build...).CombinedOutput(); err != nil || len(blocks) == 0 {
		t.Fatalf("%d blocks: %v\n%s\n%s", len(blocks), err, out, source)
	}
	if !long {
		return
	}
	for i, block := range blocks {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			toml, err := os.ReadFile("../../draintest/testdata/fly.toml")
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "fly.toml"), toml, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			run := func(name string, args ...string) string {
				cmd := exec.Command(name, args...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "FLYDRAIN_SIM="+filepath.Join(dir, "sim"), "FLY_API_TOKEN="+planted, fmt.Sprint("BLOCK=", i))
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s\n%s", name, err, block[1], out)
				}
				return string(out)
			}
			run("flysim", "init", "-at", "now")
			for _, app := range []string{"my-app", "api", "web"} {
				run("flysim", "app", app, "app=iad:1")
			}
			before := run("flysim", "list", "my-app")
			run(program)
			run("flysim", "breaches")
			if after := run("flysim", "list", "my-app"); (after == before) != strings.Contains(block[1], "Resume") {
				t.Errorf("my-app was\n%sand is\n%s%s", before, after, block[1])
			}
		})
	}
}
