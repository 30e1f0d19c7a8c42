package flyctl

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
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

func TestAPasswordIsTakenOutOfAnAddress(t *testing.T) {
	for _, s := range []string{
		"https://hunter2hunter2@example.com/x", "https://user:hunter2@example.com", "https://user:hunter2:hunter2@ss@example.com",
		`{"url":"https:\/\/user:hunter2@example.com\/x"}`, "postgres://u:hunter2@db.internal:5432/x?sslmode=off",
		"u:hunter2@registry.example.com/x", "pulling u:hunter2@registry:5000/x: denied", `"u:hunter2@registry"`, "u:p@hunter2@registry/x",
		"https://example.com/x?token=hunter2", "/x?a=b&access_token=hunter2&c=d", `x?a=b\u0026password=hunter2\u0026c`, "GET /?api-token=hunter2\\/hunter2 HTTP/1.1",
		"x?X-Amz-Signature=hunter2", "x?AWSAccessKeyId=hunter2;api_key=hunter2",
	} {
		if got := newRedactor().redact(s); strings.Contains(got, "hunter2") || !strings.Contains(got, "[secret]") {
			t.Errorf("%q became %q", s, got)
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
		"registry.fly.io/my-app:v2@sha256:0123456789abcdef", "lease currently held by test@example.com, expires at 2026-11-22T19:33:16Z",
		"https://example.com/?page=2&author=me", "--build-secret=npm=[hidden]", "npm warn: node@v22.1.0", "100%41 of \\u0041",
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

// rich is a token with all that is written in another way in URLs and JSON.
const rich = "fm2_lJPE/CAAA+AAADyKx=BDk9v7b8Zq1+TfWm0V/5xQw=="

// forms are how a token comes in what others print.
var forms = map[string]func(token string) string{
	"plain":              func(token string) string { return token },
	"a query":            url.QueryEscape,
	"a path":             url.PathEscape,
	"a query in a query": func(token string) string { return url.QueryEscape(url.QueryEscape(token)) },
	"in lower case": func(token string) string {
		return strings.NewReplacer("+", "%2b", "/", "%2f", "=", "%3d").Replace(token)
	},
	"JSON": func(token string) string {
		return strings.NewReplacer("+", `\u002b`, "/", `\/`, "=", `\u003D`).Replace(token)
	},
	"JSON in JSON":           func(token string) string { return strings.NewReplacer("+", `\\u002b`, "/", `\\\/`).Replace(token) },
	"base64":                 func(token string) string { return base64.StdEncoding.EncodeToString([]byte("x:" + token)) },
	"base64 of another name": func(token string) string { return base64.StdEncoding.EncodeToString([]byte("me:" + token)) },
	"base64 without a name":  func(token string) string { return base64.URLEncoding.EncodeToString([]byte(token)) },
	"base64 of a whole bundle": func(token string) string {
		return base64.RawURLEncoding.EncodeToString([]byte("x:" + discharge + "," + token))
	},
	"base64 in a query": func(token string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("x:" + token)))
	},
}

// breaks are what can stand within a token, and does not hide it from a reader.
var breaks = []string{"", "\n", "\r\n\t", " ", "\u200b", "\x1b[1m", "\x1b]0;x\x07", "\x00", "\u202e", "\u009b1m", "\u00a0", "é"}

// broken returns text with something in it after every few characters.
func broken(text, with string, every int) string {
	var b strings.Builder
	for part := range slices.Chunk([]byte(text), every) {
		b.WriteString(string(part) + with)
	}
	return b.String()
}

// holds returns what a text shows of a token in one of its forms: twelve characters
// of it, whatever stands between them.
func holds(text, form string) string {
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' {
				return -1
			}
			return r
		}, s)
	}
	text, form = bare(text), bare(form)
	for i := range len(form) - 11 {
		if strings.Contains(text, form[i:i+12]) {
			return form[i : i+12]
		}
	}
	return ""
}

func TestATokenOfTheEnvironmentIsTakenOutInEveryForm(t *testing.T) {
	for _, token := range []string{rich, plain} {
		t.Setenv("FLY_API_TOKEN", "FlyV1 "+discharge+","+token)
		for name, form := range forms {
			for _, with := range breaks {
				for _, every := range []int{1, 5, 9, 40} {
					text := "it is " + broken(form(token), with, every) + " !"
					sinks := []string{Printable(text)}
					if every == 40 || !strings.Contains(with, "\n") { // of a line, eight characters are recognised
						sinks = append(sinks, strings.Join(heard(text), "\n"))
					}
					for _, got := range sinks {
						if what := holds(got, form(token)); what != "" {
							t.Errorf("%s, broken by %q: %q is in %q", name, with, what, got)
						}
						if !strings.HasPrefix(got, "it is ") || !strings.HasSuffix(got, "!") {
							t.Errorf("%s, broken by %q: more is gone: %q", name, with, got)
						}
					}
				}
			}
		}
	}
}

// FuzzRedaction plants a token, in a form, broken or not, between any two texts.
func FuzzRedaction(f *testing.F) {
	names := slices.Sorted(maps.Keys(forms))
	f.Setenv("FLY_API_TOKEN", "FlyV1 "+discharge+","+rich)
	for i := range names {
		f.Add("it is ", "!", uint8(i), uint8(i), uint8(9))
	}
	for i, s := range []string{"%", "%2", `\u00`, "\x1b[", "\x1b]0;", "://", "Authorization: ", "?token=", "fm2_", rich[:9], "a:", "\xff", "\u202e"} {
		f.Add(s, s, uint8(i), uint8(0), uint8(40))
	}
	f.Fuzz(func(t *testing.T, before, after string, form, with, every uint8) {
		planted := forms[names[int(form)%len(names)]](rich)
		text := before + broken(planted, breaks[int(with)%len(breaks)], int(every)%len(planted)+1) + after
		got := Printable(text)
		if what := holds(got, planted); what != "" {
			t.Fatalf("%q of the token is in %q", what, got)
		}
		for _, shown := range append(heard(text), got) {
			if strings.Contains(shown, rich) {
				t.Fatalf("the token is in %q", shown)
			}
			for _, r := range shown {
				if !unicode.IsPrint(r) {
					t.Fatalf("%U is in %q", r, shown)
				}
			}
		}
	})
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
		_, unreadExec := c2.Exec(t.Context(), one, "", "true", 0)
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

// everyMethod calls each method of a client. A new one needs a line.
var everyMethod = map[string]func(*Client, context.Context) (any, error){
	"Build": func(c *Client, ctx context.Context) (any, error) { return c.Build(ctx, "v2") },
	"Clone": func(c *Client, ctx context.Context) (any, error) {
		return c.Clone(ctx, one, CloneOptions{Region: "lhr"})
	},
	"ConfigShow": func(c *Client, ctx context.Context) (any, error) { _, err := c.ConfigShow(ctx); return nil, err },
	"Cordon":     func(c *Client, ctx context.Context) (any, error) { return nil, c.Cordon(ctx, one) },
	"Deploy": func(c *Client, ctx context.Context) (any, error) {
		return nil, c.Deploy(ctx, DeployOptions{Image: image})
	},
	"Destroy":      func(c *Client, ctx context.Context) (any, error) { return nil, c.Destroy(ctx, one) },
	"DestroyForce": func(c *Client, ctx context.Context) (any, error) { return nil, c.DestroyForce(ctx, one) },
	"Exec":         func(c *Client, ctx context.Context) (any, error) { return c.Exec(ctx, one, "", "true", 0) },
	"List": func(c *Client, ctx context.Context) (any, error) {
		ms, err := c.List(ctx)
		var texts []any
		for _, m := range ms {
			texts = append(texts, m.State, m.HostStatus, m.Checks)
			for _, name := range []string{m.Region, m.Group()} { // kept apart from others, and made safe where it is shown
				texts = append(texts, strings.Map(func(r rune) rune {
					if r >= ' ' && r <= '~' {
						return -1
					}
					return r
				}, name))
			}
		}
		return texts, err
	},
	"Logs":     func(c *Client, ctx context.Context) (any, error) { return c.Logs(ctx, one) },
	"Start":    func(c *Client, ctx context.Context) (any, error) { return nil, c.Start(ctx, one) },
	"Stop":     func(c *Client, ctx context.Context) (any, error) { return nil, c.Stop(ctx, one, StopOptions{}) },
	"Uncordon": func(c *Client, ctx context.Context) (any, error) { return nil, c.Uncordon(ctx, one) },
	"Update": func(c *Client, ctx context.Context) (any, error) {
		return nil, c.Update(ctx, one, UpdateOptions{Autostop: "stop"})
	},
	"Version": func(c *Client, ctx context.Context) (any, error) { return c.Version(ctx) },
}

// What a method of a client returns, or notes, shows no token and moves no cursor.
func TestNoMethodReturnsWhatIsNotSafe(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", "FlyV1 "+discharge+","+rich)
	say := "\x1b[2J\u009b1m\u202e##[add-mask]draining\r::stop-commands::x\n"
	for _, form := range forms {
		say += form(rich) + " " + broken(form(rich), "\u200b", 9) + "\n"
	}
	quoted, _ := json.Marshal(say)
	answers := map[string]Result{
		"failed":     {ExitCode: 1, Stdout: []byte(say), Stderr: []byte(say + "\nError: " + say)},
		"no reason":  {ExitCode: 1, Stdout: []byte(say), Stderr: []byte(say)},
		"not JSON":   {Stdout: []byte(say), Stderr: []byte(say)},
		"a text":     {Stdout: quoted, Stderr: []byte("image: " + say)},
		"an object":  {Stdout: []byte(`{"exit_code":1,"stdout":` + string(quoted) + `,"stderr":` + string(quoted) + `,"version":` + string(quoted) + `}`), Stderr: []byte("config file at x is not valid: " + say)},
		"a machine":  {Stdout: []byte(`[{"id":"` + one + `","cordoned":false,"state":` + string(quoted) + `,"region":` + string(quoted) + `,"host_status":` + string(quoted) + `,"config":{"metadata":{"fly_process_group":` + string(quoted) + `}},"checks":[{"name":` + string(quoted) + `,"output":` + string(quoted) + `}]}]`)},
		"a bad id":   {Stdout: []byte(`[{"id":` + string(quoted) + `,"cordoned":false}]`)},
		"a bad time": {Stdout: []byte(`[{"id":"` + one + `","created_at":` + string(quoted) + `}]`)},
	}
	kind := reflect.TypeFor[*Client]()
	for i := range kind.NumMethod() {
		if everyMethod[kind.Method(i).Name] == nil {
			t.Errorf("%s is not tried", kind.Method(i).Name)
		}
	}
	for name, call := range everyMethod {
		for what, answer := range answers {
			for _, cause := range []error{nil, errors.New(say)} {
				synctest.Test(t, func(t *testing.T) {
					var told []string
					c, _ := client(func(_ int, cmd Command) (Result, error) {
						if cmd.Output != nil {
							cmd.Output(say)
						}
						return answer, cause
					})
					c.Notify = func(err error, _ time.Duration) { told = append(told, shown(err)) }
					c.Output = func(line string) { told = append(told, line) }
					got, err := call(c, t.Context())
					if err != nil {
						told = append(told, shown(err))
					}
					for _, text := range append(told, fmt.Sprintf("%s", got)) {
						for name, form := range forms {
							if part := holds(text, form(rich)); part != "" {
								t.Errorf("%s, %s: %q of %s is in %.300q", name, what, part, name, text)
							}
						}
						for _, r := range text {
							if !unicode.IsPrint(r) && r != '\n' && r != '\t' {
								t.Errorf("%s, %s: %U is in %.300q", name, what, r, text)
								break
							}
						}
						if strings.Contains(text, "##[") || strings.Contains("\n"+text, "\n::") {
							t.Errorf("%s, %s: a command is in %.300q", name, what, text)
						}
					}
				})
			}
		}
	}
}
