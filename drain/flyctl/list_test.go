package flyctl

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestListAsksForJSON(t *testing.T) {
	c, f := client(saying(printed("[]")))
	if _, err := c.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantArgs(t, f.calls[0].Args, "machine list --json --app my-app")
}

func TestListRunsWhereThereIsNoFlyToml(t *testing.T) {
	c, f := client(saying(printed("[]")))
	c.Dir = "/app"
	if _, err := c.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f.calls[0].Dir != "" {
		t.Errorf("it ran in %q", f.calls[0].Dir)
	}
}

func TestTheRecordedListIsRead(t *testing.T) {
	ms, err := parseList(Result{Stdout: recordedList(t)})
	if err != nil {
		t.Fatal(err)
	}
	if len(ms) != 2 {
		t.Fatalf("want 2 machines, got %d", len(ms))
	}
	m := ms[0]
	for what, ok := range map[string]bool{
		"id":          m.ID == one,
		"name":        m.Name == "quiet-wave-1",
		"state":       m.State == "started" && m.Started() && !m.Stopped() && !m.Gone(),
		"region":      m.Region == "iad",
		"instance":    m.InstanceID == "01J00000000000000000000001",
		"created":     m.CreatedAt.Equal(time.Date(2026, 11, 22, 19, 33, 16, 0, time.UTC)),
		"updated":     m.UpdatedAt.Equal(time.Date(2026, 11, 22, 19, 33, 16, 0, time.UTC)),
		"host":        m.HostStatus == "ok" && m.Reachable(),
		"cordoned":    m.Cordoned && !ms[1].Cordoned,
		"image":       m.ImageRef.String() == "registry.fly.io/my-app:v1",
		"check":       len(m.Checks) == 1 && m.Checks[0] == Check{Name: "servicecheck-00-http-8080", Status: "passing", UpdatedAt: time.Date(2026, 11, 22, 19, 33, 17, 0, time.UTC)},
		"event":       len(m.Events) == 2 && m.Events[0] == Event{Type: "start", Status: "started", Timestamp: 1795375996986},
		"env":         m.Config.Env["PRIMARY_REGION"] == "iad",
		"guest":       m.Config.Guest == Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 256} && m.Config.Guest.String() == "shared-cpu-1x:256MB",
		"group":       m.Group() == "app" && m.Managed(),
		"service":     len(m.Config.Services) == 1 && m.Config.Services[0].InternalPort == 8080 && m.Config.Services[0].Protocol == "tcp",
		"autostop":    m.Config.Services[0].Autostop == "stop" && m.Autostops() && m.Autostarts(),
		"concurrency": m.Config.Services[0].Concurrency.Type == "connections" && m.Config.Services[0].Concurrency.SoftLimit == 20 && m.Config.Services[0].Concurrency.HardLimit == 25,
		"healthy":     m.ConfiguredChecks() == 1 && m.Healthy(),
		"no standby":  !m.Standby(),
		"not thin":    !m.Thin && !ms[1].Thin,
	} {
		if !ok {
			t.Errorf("%s is wrong: %+v", what, m)
		}
	}
}

func row(fields string) string { return `[{"id":"` + one + `","cordoned":false` + fields + `}]` }

func TestAListThatCannotBeTrueIsRefused(t *testing.T) {
	whole := string(recordedList(t))
	for _, tc := range []struct {
		name, out string
		kind      error
	}{
		{"nothing", "", ErrBadOutput},
		{"null", "null", ErrBadOutput},
		{"an object", `{"machines":[]}`, ErrBadOutput},
		{"talk before it", "2026-11-22 debug: hello\n[]", ErrBadOutput},
		{"talk after it", "[]\nhello", ErrBadOutput},
		{"cut off", whole[:len(whole)/2], ErrBadOutput},
		{"cut off after a machine", strings.TrimRight(whole, "\n]"), ErrBadOutput},
		{"a null row", "[null]", ErrBadOutput},
		{"no id", `[{"cordoned":false}]`, ErrBadOutput},
		{"an id that is a flag", `[{"id":"--force","cordoned":false}]`, ErrBadOutput},
		{"an id with a blank", `[{"id":"0178 1000","cordoned":false}]`, ErrBadOutput},
		{"a machine twice", `[{"id":"` + one + `","cordoned":false},{"id":"` + one + `","cordoned":true}]`, ErrBadOutput},
		{"no cordoned", `[{"id":"` + one + `"}]`, ErrTooOld},
		{"null cordoned", `[{"id":"` + one + `","cordoned":null}]`, ErrTooOld},
		{"one of two without cordoned", `[{"id":"` + one + `","cordoned":true},{"id":"` + two + `"}]`, ErrTooOld},
		{"cordoned of a wrong type", `[{"id":"` + one + `","cordoned":"no"}]`, ErrBadOutput},
		{"a time that is none", row(`,"created_at":"yesterday"`), ErrBadOutput},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ms, err := parseList(printed(tc.out))
			wantKind(t, err, tc.kind)
			if ms != nil {
				t.Errorf("it gave machines all the same: %v", ms)
			}
		})
	}
}

func TestAnEmptyAppHasAnEmptyList(t *testing.T) {
	ms, err := parseList(transcript(t, "list, json, empty app"))
	if err != nil || len(ms) != 0 {
		t.Errorf("got %v, %v", ms, err)
	}
}

func TestAListOfOldRowsNamesTheVersionThatItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed(`[{"id":"` + one + `"}]`)))
		_, err := c.List(t.Context())
		wantKind(t, err, ErrTooOld)
		if !strings.Contains(err.Error(), MinVersion) || !strings.Contains(err.Error(), "fly version update") {
			t.Errorf("the message does not help: %v", err)
		}
		if f.count() != 1 {
			t.Errorf("it asked %d times", f.count())
		}
	})
}

func TestACutOffListIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := recordedList(t)
		c, f := client(func(n int, _ Command) (Result, error) {
			if n == 1 {
				return Result{Stdout: whole[:100]}, nil
			}
			return Result{Stdout: whole}, nil
		})
		ms, err := c.List(t.Context())
		if err != nil || len(ms) != 2 || f.count() != 2 {
			t.Errorf("got %d machines after %d lists: %v", len(ms), f.count(), err)
		}
	})
}

func TestAListThatIsAlwaysCutOffIsAnErrorOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed("[{")))
		_, err := c.List(t.Context())
		wantKind(t, err, ErrBadOutput)
		var e *Error
		if !errors.As(err, &e) || e.Kind != ErrBadOutput || e.ExitCode != 0 || e.App != "my-app" {
			t.Errorf("got %#v", e)
		}
		if f.count() != retryUnknown {
			t.Errorf("it asked %d times", f.count())
		}
	})
}

func TestAMachineOnALostHostHasAnIncompleteConfig(t *testing.T) {
	ms, err := parseList(printed(row(`,"host_status":"unreachable","config":null,"incomplete_config":{"metadata":{"fly_platform_version":"v2","process_group":"web"}}`)))
	if err != nil {
		t.Fatal(err)
	}
	if m := ms[0]; m.Reachable() || m.Group() != "web" || !m.Managed() {
		t.Errorf("got %+v", m)
	}
	ms, err = parseList(printed(row(`,"host_status":"unknown"`)))
	if err != nil || ms[0].Reachable() || ms[0].Managed() {
		t.Errorf("without any config: %+v, %v", ms, err)
	}
}

func TestARowThatDoesNotSayWhatTheMachineIsIsThin(t *testing.T) {
	const image, created, config = `,"image_ref":{"repository":"a"}`, `,"created_at":"2026-11-22T19:33:16Z"`, `,"config":{}`
	for fields, want := range map[string]bool{
		image + created + config:                                    false, // an empty config is one
		image + created + `,"config":null,"incomplete_config":{}`:   false,
		image + created + `,"config":null`:                          true,
		image + created + `,"config":null,"incomplete_config":null`: true,
		image + created:                                                     true,
		created + config + `,"image_ref":{}`:                                true,
		created + config + `,"image_ref":null`:                              true,
		image + config + `,"created_at":"1970-01-01T00:00:00Z"`:             true,
		image + config:                                                      true,
		image + created + config + `,"host_status":"unknown"`:               false, // the host is another question
		image + created + `,"config":null,"state":"destroyed"`:              true,
		`,"created_at":"0001-01-01T00:00:00Z","config":null,"image_ref":{}`: true,
	} {
		ms, err := parseList(printed(row(fields)))
		if err != nil || ms[0].Thin != want {
			t.Errorf("%s: want %v: %v, %v", fields, want, ms, err)
		}
	}
}

func TestAutostopIsReadHoweverItIsSpelled(t *testing.T) {
	for spelled, want := range map[string]struct {
		is  string
		may bool
	}{
		`false`: {"off", false}, `true`: {"stop", true}, `"off"`: {"off", false}, `"stop"`: {"stop", true}, `"suspend"`: {"suspend", true},
		`null`: {"off", false}, `"hibernate"`: {"hibernate", true}, // one that is new is not off
	} {
		ms, err := parseList(printed(row(`,"config":{"services":[{"autostop":` + spelled + `}]}`)))
		if err != nil {
			t.Errorf("%s: %v", spelled, err)
		} else if m := ms[0]; m.Config.Services[0].Autostop != want.is || m.Autostops() != want.may {
			t.Errorf("%s: got %q, %v", spelled, m.Config.Services[0].Autostop, m.Autostops())
		}
	}
	ms, err := parseList(printed(row(`,"config":{"services":[{"protocol":"tcp"}]}`)))
	if err != nil || ms[0].Autostops() || ms[0].Autostarts() {
		t.Errorf("without a word about it: %v, %v", ms, err)
	}
	if _, err := parseList(printed(row(`,"config":{"services":[{"autostop":7}]}`))); !errors.Is(err, ErrBadOutput) {
		t.Errorf("a number: %v", err)
	}
}

func TestDurationsAreReadHoweverTheyAreSpelled(t *testing.T) {
	for spelled, want := range map[string]time.Duration{
		`"5s"`: 5 * time.Second, `"5m0s"`: 5 * time.Minute, `300000000000`: 5 * time.Minute, `"1.5s"`: 1500 * time.Millisecond, `null`: 0, `""`: 0,
	} {
		ms, err := parseList(printed(row(`,"config":{"stop_config":{"signal":"SIGTERM","timeout":` + spelled + `}}`)))
		if err != nil {
			t.Errorf("%s: %v", spelled, err)
		} else if got := time.Duration(ms[0].Config.StopConfig.Timeout); got != want {
			t.Errorf("%s: got %v", spelled, got)
		}
	}
	if _, err := parseList(printed(row(`,"config":{"stop_config":{"timeout":"soon"}}`))); !errors.Is(err, ErrBadOutput) {
		t.Errorf("soon: %v", err)
	}
}

func FuzzParseList(f *testing.F) {
	f.Add(recordedList(f))
	f.Add([]byte("[]"))
	f.Add([]byte("null"))
	f.Add([]byte(row(`,"config":{"services":[{"autostop":"suspend"}],"stop_config":{"timeout":"5s"}}`)))
	f.Add([]byte(`[{"id":"` + one + `","cordoned":true,"incomplete_config":{}},{"id":"` + one + `","cordoned":true}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ms, err := parseList(Result{Stdout: data})
		if err != nil {
			if ms != nil || !errors.Is(err, ErrBadOutput) && !errors.Is(err, ErrTooOld) {
				t.Fatalf("%v, %v", ms, err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatal("that was no JSON")
		}
		seen := map[string]bool{}
		for _, m := range ms {
			if ValidateID(m.ID) != nil || seen[m.ID] {
				t.Fatalf("an odd or double id: %q", m.ID)
			}
			seen[m.ID] = true
			_, _, _ = m.Healthy(), m.Managed(), m.ImageRef.String()
		}
	})
}
