package flyctl

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

func TestVersionAsksForJSON(t *testing.T) {
	c, f := client(saying(printed(`{"Version":"0.4.87"}`)))
	if _, err := c.Version(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantArgs(t, f.calls[0].Args, "version --json")
}

func TestTheRecordedVersionIsReadAndNewEnough(t *testing.T) {
	c, _ := client(saying(transcript(t, "version")))
	v, err := c.Version(t.Context())
	if err != nil || v != "2026.8.21-dev.1787300000" {
		t.Errorf("got %q, %v", v, err)
	}
}

func TestVersionsAreComparedAsNumbers(t *testing.T) {
	for version, old := range map[string]bool{
		"0.4.69": false, "0.4.87": false, "0.4.100": false, "0.5.0": false, "1.0.0": false, "2026.8.21-dev.1": false, "0.4.69-pre-1": false, "0.4.70+x": false,
		"0.4.68": true, "0.4.9": true, "0.3.999": true, "0.0.0": true,
	} {
		if err := checkVersion(version); errors.Is(err, ErrTooOld) != old || err != nil && !old {
			t.Errorf("%s: want old %v, got %v", version, old, err)
		}
	}
}

func TestAnOldFlyctlIsNamedWithWhatItLacks(t *testing.T) {
	c, f := client(saying(printed(`{"Name":"fly","Version":"0.4.68"}`)))
	v, err := c.Version(t.Context())
	wantKind(t, err, ErrTooOld)
	if v != "0.4.68" || f.count() != 1 {
		t.Errorf("got %q after %d runs", v, f.count())
	}
	for _, word := range []string{"0.4.68", MinVersion, "cordoned", "fly version update"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in the message: %v", word, err)
		}
	}
}

func TestAVersionThatCannotBeReadIsAskedForAgain(t *testing.T) {
	for _, out := range []string{"", "null", "{}", `{"Version":"latest"}`, `{"Version":"0.4"}`, `{"Version":"v0.4.87"}`, `{"Version":"0.4.87`, `{"Version":"0.-4.87"}`, "fly v0.4.87"} {
		synctest.Test(t, func(t *testing.T) {
			c, f := client(func(n int, _ Command) (Result, error) {
				if n == 1 {
					return printed(out), nil
				}
				return printed(`{"Version":"0.4.87"}`), nil
			})
			if v, err := c.Version(t.Context()); v != "0.4.87" || err != nil || f.count() != 2 {
				t.Errorf("%s: got %q after %d runs: %v", out, v, f.count(), err)
			}
			c, _ = client(saying(printed(out)))
			_, err := c.Version(t.Context())
			wantKind(t, err, ErrBadOutput)
		})
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"0.4.87", "2026.8.21-dev.1787300000", "0.4", "-1.2.3", "0.4.99999999999999999999", "0.4.87\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseVersion(s)
		if err != nil && !errors.Is(err, ErrBadOutput) {
			t.Fatal(err)
		}
		if min(v[0], v[1], v[2]) < 0 {
			t.Fatalf("%q is %v", s, v)
		}
	})
}
