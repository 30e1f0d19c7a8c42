package drain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// recording is what a real flyctl's own deploy left of an app. Standbys name the
// group and region that they stand in for.
type recording struct {
	Toml   string    `json:"fly_toml"`
	Args   []string  `json:"args"` // of the user's
	By     string    `json:"by"`   // bluegreen, or rolling where that refuses; "" where both refuse
	Before []machine `json:"before"`
	After  []machine `json:"after"`
}

type machine struct {
	Group    string          `json:"group"`
	Region   string          `json:"region"`
	State    string          `json:"state"`
	Cordoned bool            `json:"cordoned"`
	Config   json.RawMessage `json:"config"`
}

// unlike are the recordings where a release leaves something else, on purpose.
// Where refuses is set, it refuses: what people have set on machines goes into fly.toml
// first, and what is not known is not replaced. Where less is set, it leaves one machine
// of that group less: of a group that has no machine it creates one, without a spare, and
// what somebody had cordoned drains. Where lacks is set, green lacks that, with a warning.
var unlike = map[string]struct{ refuses, less, lacks string }{
	"sit_args_vm":         {less: "cron"},
	"sit_new_group":       {less: "cron"},
	"sit_new_group_plain": {less: "cron"},
	"sit_ha_default":      {less: "cron"},
	"sit_scaled_zero":     {less: "worker"},
	"sit_renamed_group":   {less: "www"},
	"sit_cordoned_one":    {less: "web"},
	"sit_spot":            {lacks: "spot"},

	"sit_autodestroy":  {refuses: "auto_destroy"},
	"sit_containers":   {refuses: "containers"},
	"sit_guest_more":   {refuses: "guest."},
	"sit_hostded_all":  {refuses: "guest.host_dedication_id"},
	"sit_kernel_all":   {refuses: "guest.kernel_args"},
	"sit_metadata_all": {refuses: "metadata.team"},
	"sit_metadata_one": {refuses: "metadata.team"},
	"sit_schedule":     {refuses: "schedule"},
	"sit_skip_dns":     {refuses: "dns.skip_registration"},
	"sit_skip_dns_all": {refuses: "dns.skip_registration"},
	"sit_unreachable":  {refuses: "cannot reach"},
}

// uncounted are those with services that nobody can count: a deadline stops blue.
var uncounted = []string{"udp_only", "udp_tcp", "stray_ports", "unknown_keys"}

// TestAReleaseLeavesAnAppAsFlyDeployWould releases each app that a real flyctl has
// deployed, and compares all fields of what each of the two left.
func TestAReleaseLeavesAnAppAsFlyDeployWould(t *testing.T) {
	files, err := filepath.Glob("../testdata/parity/*.json")
	if err != nil || len(files) < 96 {
		t.Fatalf("%d recordings: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				var rec recording
				data, err := os.ReadFile(file)
				if err = errors.Join(err, json.Unmarshal(data, &rec)); err != nil {
					t.Fatal(err)
				}
				r := s.recorded(rec, name)
				before := s.left()
				ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
				defer cancel()
				report, err := r.Deploy(ctx)
				other := unlike[name]
				switch left := s.left(); {
				case rec.By == "" || other.refuses != "":
					if report.Result != drain.ResultFailed || !reflect.DeepEqual(left, before) || !strings.Contains(fmt.Sprint(err), other.refuses) {
						t.Errorf("want it refused: %q; the release is %s: %v", other.refuses, report.Result, err)
					}
				case report.Result != drain.ResultDone:
					t.Errorf("%s: %v", report.Result, err)
				default:
					i := slices.IndexFunc(rec.After, func(m machine) bool { return m.Group == other.less })
					if other.less != "" {
						rec.After = slices.Delete(rec.After, i, i+1)
					}
					compare(t, left, rec.After, other.lacks)
				}
			})
		})
	}
}

// recorded makes an app as it was recorded, and returns a release of it to v2.
func (s *sim) recorded(rec recording, name string) *drain.Release {
	s.Helper()
	r := s.app("my-app")
	dir := s.dir(rec.Toml)
	if name == "compose" { // the file that it names
		text := `{"services": {"app": {"environment": {"A": "1"}}, "cache": {"image": "redis:7"}}}`
		if err := os.WriteFile(filepath.Join(dir, "compose.yml"), []byte(text), 0o644); err != nil {
			s.Fatal(err)
		}
	}
	if name == "machine_config" { // likewise
		var c map[string]any
		err := json.Unmarshal(rec.After[0].Config, &c)
		data, err2 := json.Marshal(map[string]any{"containers": c["containers"]})
		if err = errors.Join(err, err2, os.WriteFile(filepath.Join(dir, "machine.json"), data, 0o644)); err != nil {
			s.Fatal(err)
		}
	}
	s.world(func(w *draintest.World) {
		var made []*draintest.Machine
		for _, was := range rec.Before {
			m := w.AddMachine("my-app", was.Group, was.Region, "registry.fly.io/my-app:v1")
			m.Config = draintest.Machine{}.Config
			if err := json.Unmarshal(was.Config, &m.Config); err != nil {
				s.Fatal(err)
			}
			if m.Cordoned, m.Hidden = was.Cordoned, was.Cordoned; was.State != "started" {
				m.ProxyStopped = m.Config.Autostart()
				m.State, m.Passing = was.State, false
			}
			made = append(made, m)
		}
		for _, m := range made {
			for i, of := range m.Config.Standbys {
				at := slices.IndexFunc(made, func(o *draintest.Machine) bool { return o.Group()+"@"+o.Region == of && len(o.Config.Standbys) == 0 })
				m.Config.Standbys[i] = made[at].ID
			}
		}
		w.Dropped = []string{"my-app/web", "my-app/worker"} // where fly.toml does
		if name == "sit_unreachable" {
			w.Do(draintest.Action{Kind: "unreachable", Machine: made[0].ID})
		}
	})
	r.Apps[0].Dir, r.Apps[0].Args = dir, rec.Args
	if slices.Contains(uncounted, name) {
		r.Deadline, r.AtDeadline = time.Minute, drain.StopMachine
		s.world(func(w *draintest.World) { w.CutsAllowed = true })
	}
	return r
}

// left returns what is there of the app, as a recording has it.
func (s *sim) left() []machine {
	var out []machine
	s.world(func(w *draintest.World) {
		for _, m := range w.Live("my-app") {
			data, err := json.Marshal(m.Config)
			if err != nil {
				s.Fatal(err)
			}
			text := string(data)
			for _, o := range w.Machines {
				text = strings.ReplaceAll(text, o.ID, o.Group()+"@"+o.Region)
			}
			group := m.Config.Metadata["fly_process_group"]
			out = append(out, machine{Group: group, Region: m.Region, State: m.State, Cordoned: m.Cordoned, Config: json.RawMessage(text)})
		}
	})
	return out
}

// compare holds what is left against a recording, by group and region.
func compare(t *testing.T, left, want []machine, lacks string) {
	t.Helper()
	have, wanted := places(t, left, ""), places(t, want, lacks)
	keys := maps.Clone(have)
	maps.Copy(keys, wanted)
	for place := range keys {
		if h, w := have[place], wanted[place]; !reflect.DeepEqual(h, w) {
			t.Errorf("%s:\nleft   %s\nflyctl %s", place, strings.Join(h, "\n       "), strings.Join(w, "\n       "))
		}
	}
}

// places are the machines of each group and region, in a fixed order, without what
// names a release, a machine or an image's digest.
func places(t *testing.T, ms []machine, lacks string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, m := range ms {
		var c map[string]any
		if err := json.Unmarshal(m.Config, &c); err != nil {
			t.Fatal(err)
		}
		for table, keys := range map[string][]string{"env": {"FLYDRAIN", "FLY_STANDBY_FOR"}, "metadata": {"fly_release_id", "fly_release_version", "fly_flyctl_version"}} {
			for _, key := range keys {
				if in, ok := c[table].(map[string]any); ok {
					delete(in, key)
				}
			}
		}
		delete(c, lacks)
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		row := fmt.Sprintf("%s %v %s", m.State, m.Cordoned, strings.ReplaceAll(string(text), "GONE ", ""))
		place := fmt.Sprintf("%q in %s", m.Group, m.Region)
		out[place] = append(out[place], row)
		slices.Sort(out[place])
	}
	return out
}
