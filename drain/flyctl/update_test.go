package flyctl

import (
	"slices"
	"testing"
)

func TestUpdateSetsWhatItIsGivenAutostopWithAnEqualsSign(t *testing.T) {
	c, f := client(saying(Result{}))
	if err := c.Update(t.Context(), one, UpdateOptions{Autostop: "stop", AutoDestroy: true}); err != nil {
		t.Fatal(err)
	}
	want := []string{"machine", "update", one, "--app", "my-app", "--autostop=stop", "--skip-health-checks", "--yes", "--machine-config", `{"auto_destroy": true}`}
	if !slices.Equal(f.calls[0].Args, want) {
		t.Errorf("got %q", f.calls[0].Args)
	}
	for _, autostop := range []string{"off", "suspend"} {
		c, f := client(saying(Result{}))
		if err := c.Update(t.Context(), one, UpdateOptions{Autostop: autostop}); err != nil {
			t.Fatal(err)
		}
		wantArgs(t, f.calls[0].Args, "machine update "+one+" --app my-app --autostop="+autostop+" --skip-health-checks --yes")
	}
}

func TestUpdateTakesTheRecordedAnswers(t *testing.T) {
	c, _ := client(saying(transcript(t, "update, right spelling")))
	if err := c.Update(t.Context(), one, UpdateOptions{Autostop: "stop"}); err != nil {
		t.Error(err)
	}
	for _, title := range []string{"step 5 as the thread spells it", "update without --yes"} {
		c, f := client(saying(transcript(t, title)))
		wantKind(t, c.Update(t.Context(), one, UpdateOptions{Autostop: "stop"}), ErrUsage)
		if f.count() != 1 {
			t.Errorf("%s: it ran %d times", title, f.count())
		}
	}
}

func TestAnUpdateWithHostileWordsIsRefused(t *testing.T) {
	c, f := client(saying(Result{}))
	for _, s := range append(hostile, "on", "true", "STOP", "stop --skip-start") {
		refused(t, f, c.Update(t.Context(), one, UpdateOptions{Autostop: s}))
	}
	for _, s := range hostile {
		refused(t, f, c.Update(t.Context(), s, UpdateOptions{Autostop: "stop"}))
	}
}
