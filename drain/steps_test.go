package drain

import (
	"errors"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestStepsOfTwoAppsAreWrongUsage(t *testing.T) {
	s := New("api", "web").Steps(t.Context())
	if err := Run(s.Blue()); !errors.Is(err, flyctl.ErrUsage) || !strings.Contains(err.Error(), "the release has 2") {
		t.Error(err)
	}
}
