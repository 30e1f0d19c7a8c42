package flyctl

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStopPassesTheSignalAndWholeSecondsThatAreNoShorter(t *testing.T) {
	for _, tc := range []struct {
		opts StopConfig
		want string
	}{
		{StopConfig{}, ""},
		{StopConfig{Signal: "SIGTERM"}, " --signal SIGTERM"},
		{StopConfig{Timeout: 5 * time.Minute}, " --timeout 300"},
		{StopConfig{Signal: "SIGINT", Timeout: 1500 * time.Millisecond}, " --signal SIGINT --timeout 2"}, // no shorter than asked
		{StopConfig{Timeout: time.Millisecond}, " --timeout 1"},                                          // 0 would be the machine's own
	} {
		c, f := client(saying(Result{}))
		if err := c.Stop(t.Context(), one, StopOptions{StopConfig: tc.opts}); err != nil {
			t.Fatal(err)
		}
		wantArgs(t, f.calls[0].Args, "machine stop "+one+" --app my-app"+tc.want)
	}
}

func TestStopTakesTheRecordedAnswer(t *testing.T) {
	c, f := client(saying(transcript(t, "stop")))
	if err := c.Stop(t.Context(), one, StopOptions{}); err != nil || f.count() != 1 {
		t.Errorf("%d runs: %v", f.count(), err)
	}
}

func TestAStopWithHostileWordsIsRefused(t *testing.T) {
	c, f := client(saying(Result{}))
	for _, s := range hostile {
		refused(t, f, c.Stop(t.Context(), s, StopOptions{}))
		if s != "" {
			refused(t, f, c.Stop(t.Context(), one, StopOptions{StopConfig: StopConfig{Signal: s}}))
		}
	}
	refused(t, f, c.Stop(t.Context(), one, StopOptions{StopConfig: StopConfig{Timeout: -1}}))
}

func TestAStopIsNotTriedAgainOnceItMayNotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(failed("lease currently held by x")))
		no, asked := errors.New("it takes traffic again"), 0
		err := c.Stop(t.Context(), one, StopOptions{Recheck: func(context.Context) error {
			if asked++; asked == 3 {
				return no
			}
			return nil
		}})
		if !errors.Is(err, no) || f.count() != 3 {
			t.Errorf("%d runs, asked %d times: %v", f.count(), asked, err)
		}
	})
}
