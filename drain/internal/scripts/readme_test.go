package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheREADMEsSessionByHand runs the commands that build the simulated Fly and deploy
// to it, as they are written, but for the folder, and without the waits for Fly.
func TestTheREADMEsSessionByHand(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
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
