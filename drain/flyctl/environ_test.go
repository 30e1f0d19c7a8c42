package flyctl

import (
	"slices"
	"strings"
	"testing"
)

func TestTheEnvironmentLosesWhatDirtiesAnAnswerAndTokensThatAreNotNeeded(t *testing.T) {
	all := []string{"PATH=/bin", "FLY_API_TOKEN=a", "FLY_ACCESS_TOKEN=b", "LOG_LEVEL=debug", "Log_Level=debug", "fly_json=1", "Fly_Api_Token=c", "NO_COLOR="}
	for _, c := range []struct {
		system  string
		noToken bool
		want    string
	}{
		{"linux", false, "PATH=/bin FLY_API_TOKEN=a FLY_ACCESS_TOKEN=b Log_Level=debug fly_json=1 Fly_Api_Token=c"},
		{"windows", false, "PATH=/bin FLY_API_TOKEN=a FLY_ACCESS_TOKEN=b Fly_Api_Token=c"},
		{"linux", true, "PATH=/bin Log_Level=debug fly_json=1 Fly_Api_Token=c"},
		{"windows", true, "PATH=/bin"},
	} {
		if got := strings.Join(environ(c.system, slices.Clone(all), c.noToken), " "); got != c.want+" FLY_NO_UPDATE_CHECK=1 NO_COLOR=1" {
			t.Errorf("%s, no token %v: %s", c.system, c.noToken, got)
		}
	}
}

func TestOnlyACommandThatSpeaksToNobodyGetsNoToken(t *testing.T) {
	c, f := client(saying(printed(`{"Version":"0.4.87"}`)))
	_, _ = c.Version(t.Context())
	_, _ = c.Exec(t.Context(), one, "", "true", 0)
	if !f.calls[0].NoToken || f.calls[1].NoToken {
		t.Errorf("%+v", f.calls)
	}
}
