package drain

import (
	"errors"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestAMarkThatIsPassedOnIsWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"-e", "FLYDRAIN=x"}, {"-e=FLYDRAIN=x"}, {"-eFLYDRAIN=x"}, {"--env", "FLYDRAIN=x"}, {"--env=FLYDRAIN=x"}, {"--env", "FLYDRAIN"},
		{"--env", "A=b,FLYDRAIN=x"}, {"--env", `"FLYDRAIN=x"`}, {"--env", " FLYDRAIN=x"},
	} {
		r := Release{Apps: []App{{Name: "my-app", Args: args}}}
		if err := r.validate(); !errors.Is(err, flyctl.ErrUsage) || !strings.Contains(err.Error(), "FLYDRAIN cannot be passed on to flyctl") {
			t.Errorf("%q: %v", args, err)
		}
	}
	r := Release{Apps: []App{{Name: "my-app", Args: []string{"-e", "MY_FLYDRAIN=x", "--env=FLYDRAIN_DEBUG=1", "-eFLYDRAINS=2"}}}}
	if err := r.validate(); err != nil {
		t.Error(err)
	}
}
