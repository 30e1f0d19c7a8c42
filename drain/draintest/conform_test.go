package draintest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// recorded is one command of transcripts.txt.
type recorded struct {
	title, line string
	exit        string
	out, err    []string
}

// talkOnly are the records whose standard output is left out of the transcript.
var talkOnly = map[string]string{
	"step 5 as the thread spells it": "the transcript leaves out the usage text on standard output",
	"update without --yes":           "the transcript leaves out the diff of the configuration",
}

func TestItPrintsWhatFlyctlPrints(t *testing.T) {
	records := readRecords(t)
	dir := t.TempDir()
	toml := `app = "my-app"
primary_region = "iad"
[build]
image = "registry.fly.io/my-app:v1"
[processes]
app = ""
worker = "work"
[http_service]
internal_port = 8080
force_https = true
auto_stop_machines = "off"
auto_start_machines = true
min_machines_running = 0
processes = ["app"]
[http_service.concurrency]
type = "connections"
hard_limit = 25
soft_limit = 20
[[http_service.checks]]
interval = "2s"
timeout = "1s"
grace_period = "1s"
method = "GET"
path = "/healthz"
`
	if err := os.WriteFile(filepath.Join(dir, "fly.toml"), []byte(toml), 0o666); err != nil {
		t.Fatal(err)
	}
	// Before the second deploy the recording began again with an app as the first.
	second := slices.IndexFunc(records, func(r recorded) bool { return strings.HasPrefix(r.title, "deploy beside blue, detached") })
	for _, part := range [][]recorded{records[:second], records[second:]} {
		synctest.Test(t, func(t *testing.T) { replay(t, part, dir) })
	}
}

func replay(t *testing.T, part []recorded, dir string) {
	w := New(time.Now())
	if err := w.AddApp("my-app", "app=iad:2,lhr:1", "worker=iad:1"); err != nil {
		t.Fatal(err)
	}
	w.AddApp("empty")
	w.Images["registry.fly.io/my-app:bad"] = &Image{Unhealthy: true}
	f := NewFly(w)
	ids := idsOf(part)
	for _, r := range part {
		line, env := r.line, []string(nil)
		f.Do(func(w *World) {
			w.NoAuth = strings.HasPrefix(line, "(no FLY_API_TOKEN")
			arrange(w, r.title, ids)
		})
		if _, rest, ok := strings.Cut(line, ") "); ok {
			line = rest
		}
		if strings.HasPrefix(line, "FLY_EMIT") {
			env = []string{"FLY_EMIT_RELEASE_JSON=1"}
		}
		_, line, _ = strings.Cut(line, "fly ")
		got, err := f.Runner()(context.Background(), flyctl.Command{Args: split(swap(line, ids)), Dir: dir, Env: env})
		if err != nil {
			t.Errorf("%s: %v", r.title, err)
			continue
		}
		if want := map[string]int{"0": 0, "1": 1}[r.exit]; got.ExitCode != want {
			t.Errorf("%s: exit %d, want %d", r.title, got.ExitCode, want)
		}
		compare(t, r.title, "stderr", string(got.Stderr), swap(strings.Join(r.err, ""), ids), dir)
		skip := slices.ContainsFunc(sortedKeys(talkOnly), func(k string) bool { return strings.HasPrefix(r.title, k) })
		if !skip {
			compare(t, r.title, "stdout", string(got.Stdout), swap(strings.Join(r.out, ""), ids), dir)
		}
		time.Sleep(5 * time.Second) // of simulated time, for the rate limits
	}
	f.Do(func(w *World) { w.Faults = nil })
}

// arrange sets up what the recording had set up for a command.
func arrange(w *World, title string, ids map[string]string) {
	w.Faults = nil
	switch {
	case strings.HasPrefix(title, "the API answers 500"):
		w.Faults = []*Fault{{Command: "machine cordon", Status: 500, Message: "injected fault"}}
	case strings.HasPrefix(title, "the API answers 429"):
		w.Faults = []*Fault{{Command: "machine list", Status: 429, Message: "injected fault"}}
	case strings.HasPrefix(title, "another client holds"):
		w.Do(Action{Kind: "lease", Machine: ids["01781000017334"], Owner: "test@example.com", For: 10 * time.Minute})
	case strings.HasPrefix(title, "exec"):
		// The simulated API of the recording had an answer of its own.
		w.Machines[ids["01781000011667"]].Exec = map[string]ExecAnswer{"cat /proc/net/tcp": {
			Stdout: socketHead + "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1000 1\n"}}
	case title == "version":
		w.Version = "2026.8.21-dev.1787300000"
	}
}

func compare(t *testing.T, title, what, got, want, dir string) {
	t.Helper()
	got = strings.ReplaceAll(got, filepath.Join(dir, "fly.toml"), "/app/fly.toml")
	if got != want {
		t.Errorf("%s: %s:\n--- got\n%s--- want\n%s", title, what, got, want)
	}
}

var recordedID = regexp.MustCompile(`\b01781[0-9a-f]{9}\b`)

// idsOf maps the recording's machines to ours: both are numbered as they were made.
func idsOf(part []recorded) map[string]string {
	seen := map[string]string{}
	for _, r := range part {
		for _, id := range recordedID.FindAllString(r.line+strings.Join(append(r.out, r.err...), ""), -1) {
			seen[id] = ""
		}
	}
	count := &World{Machines: map[string]*Machine{}, Apps: map[string]*App{"a": {}}, groups: map[string][]*Machine{}}
	for _, id := range sortedKeys(seen) {
		seen[id] = count.add("a", "", config.Machine{}).ID
	}
	return seen
}

func swap(s string, ids map[string]string) string {
	return recordedID.ReplaceAllStringFunc(s, func(id string) string { return ids[id] })
}

// split is a command line's words; single quotes keep blanks.
func split(line string) []string {
	var args []string
	for i, part := range strings.Split(strings.TrimSpace(line), "'") {
		if i%2 == 1 {
			args = append(args, part)
		} else {
			args = append(args, strings.Fields(part)...)
		}
	}
	return args
}

func readRecords(t *testing.T) []recorded {
	data, err := os.ReadFile("../../testdata/flyctl/transcripts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []recorded
	for line := range strings.Lines(string(data)) {
		if title, ok := strings.CutPrefix(line, "### "); ok {
			all = append(all, recorded{title: strings.TrimSpace(title)})
			continue
		}
		if len(all) == 0 {
			continue
		}
		r := &all[len(all)-1]
		switch text := strings.TrimPrefix(strings.TrimPrefix(line, "out| "), "err| "); {
		case strings.HasPrefix(line, "$ "):
			r.line = strings.TrimSpace(line[2:])
		case strings.HasPrefix(line, "[exit "):
			r.exit = line[6:7]
		case strings.HasPrefix(line, "out|"):
			r.out = append(r.out, strings.TrimPrefix(text, "out|"))
		case strings.HasPrefix(line, "err|"):
			r.err = append(r.err, strings.TrimPrefix(text, "err|"))
		}
	}
	if len(all) != 35 {
		t.Fatalf("read %d records", len(all))
	}
	return all
}

func TestItsListHasTheShapeOfFlyctls(t *testing.T) {
	data, err := os.ReadFile("../../testdata/flyctl/machine-list.json")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		f := NewFly(nil)
		f.Do(func(w *World) {
			w.AddApp("my-app", "app=iad:1", "worker=iad:1")
			zero := 0
			m := w.Live("my-app")[0]
			m.Config.Services[0].MinRunning = &zero
			m.Config.Services[0].Ports = m.Config.Services[0].Ports[1:]
		})
		out, _ := sh(t, f, 0, "machine", "list", "--json", "-a", "my-app")
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
	})
	if len(got) != len(want) {
		t.Fatalf("%d machines", len(got))
	}
	for i := range want {
		if c, ok := want[i]["config"].(map[string]any); ok {
			delete(c, "restart") // flyctl 0.3.0, which made them, still wrote one
		}
		sameShape(t, "machine", got[i], want[i])
	}
}

// sameShape wants the same keys with values of the same types.
func sameShape(t *testing.T, at string, got, want any) {
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Errorf("%s: %T, want %T", at, got, want)
		return
	}
	switch want := want.(type) {
	case map[string]any:
		got := got.(map[string]any)
		if g, w := sortedKeys(got), sortedKeys(want); !slices.Equal(g, w) {
			t.Errorf("%s: has %v, want %v", at, g, w)
		}
		for k := range want {
			if got[k] != nil {
				sameShape(t, at+"."+k, got[k], want[k])
			}
		}
	case []any:
		got := got.([]any)
		if len(got) > 0 && len(want) > 0 {
			sameShape(t, at+"[]", got[0], want[0])
		}
	}
}
