package probe

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestATokenGoesAsItsShapeAsksFor(t *testing.T) {
	for token, want := range map[string]string{
		"":                                  "",
		"  ":                                "",
		"fm2_lJPECAAAAAAAAC7t":              "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"FlyV1 fm2_lJPECAAAAAAAAC7t":        "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"flyv1 FlyV1 fm2_lJPEC":             "FlyV1 fm2_lJPEC",
		"Bearer fm2_lJPEC":                  "FlyV1 fm2_lJPEC",
		"fm1r_abc,fm1a_def":                 "FlyV1 fm1r_abc,fm1a_def",
		" FlyV1 fm2_abc,fm2_def,fo1_ghi\n":  "FlyV1 fm2_abc,fm2_def",
		"FlyV1 fm2_abc, fm2_def":            "FlyV1 fm2_abc,fm2_def",
		"fo1_ghi":                           "Bearer fo1_ghi",
		"Bearer fo1_ghi":                    "Bearer fo1_ghi",
		"PeCQ0bf6wLFdj3W7nDYCQDqQ_Zf2sOKtF": "Bearer PeCQ0bf6wLFdj3W7nDYCQDqQ_Zf2sOKtF",
	} {
		if got := authorization(token); got != want {
			t.Errorf("%q: got %q, want %q", token, got, want)
		}
	}
}

func TestATokenIsSentOnlyOverTLSOrToThisMachine(t *testing.T) {
	for address, want := range map[string]string{
		"https://api.fly.io/prometheus/acme/api/v1/query": "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"https://metrics.example.com/api/v1/query":        "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"http://127.0.0.1:9090/api/v1/query":              "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"http://[::1]:9090/api/v1/query":                  "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"http://localhost:9090/api/v1/query":              "FlyV1 fm2_lJPECAAAAAAAAC7t",
		"http://metrics.example.com/api/v1/query":         "", // anybody on the way could read it
		"http://127.0.0.1.example.com/api/v1/query":       "",
		"https://me:secret@metrics.example.com/":          "", // net/http sends these
	} {
		at, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := (Prometheus{Token: "fm2_lJPECAAAAAAAAC7t"}).credential(at); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
	}
}

func TestTheTokenIsFlyctlsOwn(t *testing.T) {
	for name, c := range map[string]struct{ own, access, api, want string }{
		"none":                       {"", "", "", "no token"},
		"FLY_API_TOKEN":              {"", "", "fm2_api", "FlyV1 fm2_api"},
		"FLY_ACCESS_TOKEN wins":      {"", "fm2_access", "fm2_api", "FlyV1 fm2_access"},
		"one that is given wins all": {"fo1_own", "fm2_access", "fm2_api", "Bearer fo1_own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("FLY_ACCESS_TOKEN", c.access)
			t.Setenv("FLY_API_TOKEN", c.api)
			got, err := Prometheus{Token: c.own}.credential(&url.URL{Scheme: "https", Host: "api.fly.io"})
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A server can send back what it was sent, in any form.
func TestNoTokenIsShown(t *testing.T) {
	const token = "PeCQ0bf6+LFdj3W7/DYCQDqQ"
	for _, form := range []string{
		token, "Bearer fo1_abcdefghijk", "fm2_lJPECAAAAAAAAC7t", url.QueryEscape(token), base64.StdEncoding.EncodeToString([]byte("x:" + token)),
		token[:9] + "\x1b[1m" + token[9:], token[:9] + "\n" + token[9:],
	} {
		body, _ := json.Marshal(map[string]string{"status": form, "error": form})
		for _, status := range []int{200, 400} {
			p := Prometheus{URL: "https://metrics.example", Token: token, Client: &http.Client{Transport: answers(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{}}, nil
			})}}
			failing := Prometheus{URL: "https://metrics.example", Token: token, Client: &http.Client{Transport: answers(func(*http.Request) (*http.Response, error) {
				return nil, errors.New("refused for " + form)
			})}}
			for _, p := range []Prometheus{p, failing} {
				got := p.Count(t.Context(), &flyctl.Client{App: "my-app"}, []flyctl.Machine{{ID: "m1"}})["m1"].String()
				bare := strings.Join(strings.Fields(got), "")
				for _, secret := range []string{"PeCQ", "LFdj3W7", "lJPEC", "abcdef", form} {
					if strings.Contains(bare, secret) || !strings.Contains(got, "[token]") {
						t.Errorf("%q became %q", form, got)
					}
				}
			}
		}
	}
}

type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) { return a(req) }
