package flyctl

import "testing"

func TestImagesAreTheSameByDigestElseByName(t *testing.T) {
	tagged := ImageRef{Registry: "registry.fly.io", Repository: "my-app", Tag: "v1"}
	other, one, two := tagged, tagged, tagged
	other.Tag, one.Digest, two.Digest = "v2", "sha256:11", "sha256:22"
	for _, tc := range []struct {
		a, b ImageRef
		want bool
	}{{tagged, tagged, true}, {tagged, other, false}, {one, two, false}, {one, tagged, true}, {ImageRef{Digest: "sha256:11"}, one, true}} {
		if tc.a.Same(tc.b) != tc.want || tc.b.Same(tc.a) != tc.want {
			t.Errorf("%v and %v: want %v", tc.a, tc.b, tc.want)
		}
	}
}

func TestAnImageIsNamedByDigestWhereThereIsOne(t *testing.T) {
	for want, ref := range map[string]ImageRef{
		"registry.fly.io/a@sha256:1": {Registry: "registry.fly.io", Repository: "a", Tag: "v1", Digest: "sha256:1"},
		"registry.fly.io/a:v1":       {Registry: "registry.fly.io", Repository: "a", Tag: "v1"},
		"a:v1":                       {Repository: "a", Tag: "v1"},
		"a":                          {Repository: "a"},
	} {
		if got := ref.String(); got != want {
			t.Errorf("want %s, got %s", want, got)
		}
	}
}

func TestOnlyWhatFlyDeployMadeIsManaged(t *testing.T) {
	for _, tc := range []struct {
		metadata string
		want     bool
	}{
		{`{"fly_platform_version":"v2","fly_process_group":"app"}`, true},
		{`{"fly_platform_version":"v2","process_group":"app"}`, true},
		{`{"fly_platform_version":"v2","fly_process_group":"fly_app_release_command"}`, false},
		{`{"fly_platform_version":"v2","fly_process_group":"fly_app_console"}`, false},
		{`{"fly_platform_version":"v2","fly_process_group":"fly_app_test_machine_command"}`, false},
		{`{"fly_platform_version":"v2"}`, true}, // of the default group
		{`{"fly_process_group":"app"}`, false},
		{`{"fly_platform_version":"v1","fly_process_group":"app"}`, false},
		{`{}`, false},
	} {
		ms, err := parseList(printed(row(`,"config":{"metadata":` + tc.metadata + `}`)))
		if err != nil || ms[0].Managed() != tc.want {
			t.Errorf("%s: want %v: %v", tc.metadata, tc.want, err)
		}
	}
}

func TestAMachineIsHealthyWhenAllItsChecksPass(t *testing.T) {
	const passing, critical = `{"name":"a","status":"passing"}`, `{"name":"b","status":"critical"}`
	const configured = `,"config":{"checks":{"top":{}},"services":[{"checks":[{}]}]}`
	for _, tc := range []struct {
		fields string
		want   bool
	}{
		{`,"state":"started"`, true},
		{`,"state":"stopped"`, false},
		{`,"state":"started","checks":[` + passing + `]`, true},
		{`,"state":"started","checks":[` + passing + `,` + critical + `]`, false},
		{`,"state":"started","checks":[{"name":"a","status":"warning"}]`, false},
		{`,"state":"started"` + configured, false}, // no result yet
		{`,"state":"started","checks":[` + passing + `]` + configured, false},
		{`,"state":"started","checks":[` + passing + `,` + passing + `]` + configured, true},
		{`,"state":"stopped","checks":[` + passing + `,` + passing + `]` + configured, false},
	} {
		ms, err := parseList(printed(row(tc.fields)))
		if err != nil || ms[0].Healthy() != tc.want {
			t.Errorf("%s: want %v: %v", tc.fields, tc.want, err)
		}
	}
}

func TestStatesAreToldApart(t *testing.T) {
	for state, want := range map[string][3]bool{ // started, stopped, gone
		"created": {}, "starting": {}, "started": {true}, "stopping": {}, "stopped": {1: true}, "suspending": {}, "suspended": {1: true},
		"destroying": {2: true}, "destroyed": {2: true}, "failed": {}, "replacing": {},
	} {
		m := Machine{State: state}
		if got := [3]bool{m.Started(), m.Stopped(), m.Gone()}; got != want {
			t.Errorf("%s: got %v", state, got)
		}
	}
}
