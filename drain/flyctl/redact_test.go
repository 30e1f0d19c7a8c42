package flyctl

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
)

// Invented credentials, in the shapes that Fly's have.
const (
	macaroon  = "fm2_lJPECAAAAAAAADyKxBDk9v7b8Zq1TfWm0V5x"
	discharge = "fm2_lJPETheOtherHalf0123456789+/="
	plain     = "OpaqueTokenWithoutAnyShape0123"
)

func TestACredentialIsTakenOutOfAnyText(t *testing.T) {
	for _, s := range []string{
		"FlyV1 " + macaroon + "," + discharge,
		"token=" + macaroon,
		"https://x/?t=FlyV1%20" + macaroon,
		"Authorization: FlyV1 " + macaroon,
		`"Authorization":"Bearer ` + macaroon + `"`,
		"authorization: Bearer aaaaaaaaaaaaaaaaaaaaaaaa",
		"Authorization: Basic dXNlcjpwYXNzd29yZA==",
		"bearer aaaaaaaaaaaaaaaaaaaaaaaa",
		"fo1_abcdefghijklmnop", "fm1r_abcdefghijklmnop", "fm1a_abcdefghijklmnop",
		"git clone https://user:hunter2hunter2@example.com/x",
	} {
		got := newRedactor().redact(s)
		for _, secret := range []string{"lJPE", "OtherHalf", "aaaaaaaa", "abcdefgh", "hunter2", "dXNlcj"} {
			if strings.Contains(got, secret) {
				t.Errorf("%q keeps %q", got, secret)
			}
		}
	}
}

func TestOrdinaryTextIsLeftAlone(t *testing.T) {
	for _, s := range []string{
		"failed to list VMs: unauthorized (Request ID: 01K00000000000000000017358-iad)",
		"info_deployment_name platform_version fly_process_group",
		"Bearer authentication failed", "basic authentication failed", "authorization failed",
		"https://fly.io/apps/my-app/machines/01781000001eef", "registry.fly.io/my-app@sha256:0123456789abcdef",
		"http://127.0.0.1:4280/v1/apps", "user@example.com",
	} {
		if got := newRedactor().redact(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestTheTokensOfTheEnvironmentAreTakenOut(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "FlyV1 "+plain+"One,"+plain+"\n")
	t.Setenv("FLY_ACCESS_TOKEN", "AccessTokenInTheEnv")
	t.Setenv("FLY_METRICS_TOKEN", "MetricsTokenInTheEnv")
	got := newRedactor().redact("a " + plain + "One b " + plain + " c AccessTokenInTheEnv d MetricsTokenInTheEnv e")
	if got != "a [token] b [token] c [token] d [token] e" {
		t.Errorf("got %q", got)
	}
}

func TestAShortTokenDoesNotBlotOutTheText(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "a")
	if got := newRedactor().redact("a machine"); got != "a machine" {
		t.Errorf("got %q", got)
	}
}

// everything that an error shows.
func shown(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("%v %+v %q", err, err, err)
	}
	return strings.Join(append(e.Args, err.Error(), e.Message, e.Stderr, e.App, e.Machine), "\n")
}

func TestNoErrorShowsAToken(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	secrets := []string{plain, macaroon, "lJPE", "OtherHalf"}
	leaky := Result{ExitCode: 1, Stdout: []byte(plain), Stderr: []byte("curl -H 'Authorization: FlyV1 " + macaroon + "," + discharge + "'\n" + plain + "\nError: bad gateway for " + macaroon + " and " + plain + "\n")}
	synctest.Test(t, func(t *testing.T) {
		var told []error
		c, _ := client(saying(leaky))
		c.Notify = func(err error, _ time.Duration) { told = append(told, err) }
		_, listed := c.List(t.Context())
		_, cloned := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
		c2, _ := client(saying(printed(plain))) // an answer that is none
		c2.Notify = c.Notify
		_, unread := c2.List(t.Context())
		_, unreadExec := c2.Exec(t.Context(), one, "true")
		c3, _ := client(func(int, Command) (Result, error) { return Result{}, errors.New("proxy refused " + plain) })
		_, caused := c3.List(t.Context())
		extra := []string{"--build-secret", "npm=" + plain, "--build-arg=NPM=" + macaroon, "-e", "KEY=hunter2hunter2", "-eKEY=hunter2hunter2", "--build-secret=hunter2hunter2"}
		deployed := c.Deploy(t.Context(), DeployOptions{Image: image, Env: []string{"A=hunter2hunter2"}, Extra: extra})
		_, built := c.Build(t.Context(), "v2", extra...)
		if len(told) == 0 {
			t.Error("Notify was told of nothing")
		}
		for _, err := range append(told, listed, cloned, unread, unreadExec, caused, deployed, built) {
			if err == nil {
				t.Fatal("want an error")
			}
			for _, secret := range append(secrets, "hunter2") {
				if strings.Contains(shown(err), secret) {
					t.Errorf("%q is in %s", secret, shown(err))
				}
			}
		}
		if !strings.Contains(shown(deployed), "npm=[hidden]") {
			t.Errorf("the name is gone too: %s", shown(deployed))
		}
	})
}

func TestHalfATokenIsNotLeftWhereALongTalkIsCut(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	for _, at := range []int{stderrTail, stderrEnd} {
		for cut := 0; cut < len(macaroon); cut += 5 {
			after := strings.Repeat(macaroon+" ", at/len(macaroon)/2) // which leaves little
			after += strings.Repeat("y", max(0, at-cut-len(after)))
			stderr := strings.Repeat("x", 9000) + " " + plain + " " + macaroon + " " + after
			err := newError("my-app", call{}, Result{ExitCode: 1, Stderr: []byte(stderr)}, nil)
			for _, half := range []string{macaroon[len(macaroon)-4:], plain[len(plain)-4:]} {
				if strings.Contains(err.Stderr, half) {
					t.Fatalf("cut at %d-%d: %.80q", at, cut, err.Stderr)
				}
			}
		}
	}
}

func TestATokenInColoursIsStillOne(t *testing.T) {
	err := newError("my-app", call{}, Result{ExitCode: 1, Stderr: []byte("Error: " + macaroon[:6] + "\x1b[1m" + macaroon[6:] + "\x1b[0m\n")}, nil)
	if strings.Contains(shown(err), macaroon[6:]) {
		t.Errorf("got %s", shown(err))
	}
}

func TestNoErrorMovesTheCursor(t *testing.T) {
	evil := "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m \x9b1A \u009b1A \r\b\x00 \u202eevil \x1b]8;;http://x\x1b\\link"
	c, _ := client(func(int, Command) (Result, error) {
		return Result{Stderr: []byte(evil + "\nError: " + evil + "\n")}, errors.New(evil)
	})
	_, err := c.List(t.Context())
	for _, r := range strings.ReplaceAll(shown(err), "\n", "") {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("%U is in %q", r, shown(err))
		}
	}
	if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "red") {
		t.Errorf("got %q", err)
	}
}
