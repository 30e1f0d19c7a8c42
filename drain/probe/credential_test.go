package probe

import (
	"net/url"
	"strings"
	"testing"
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

func TestWhereATokenGoes(t *testing.T) {
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

func TestNoTokenIsShown(t *testing.T) {
	const token = "PeCQ0bf6wLFdj3W7nDYCQDqQ"
	for _, text := range []string{
		"the token " + token + " is not valid", "fm2_lJPECAAAAAAAAC7t is not valid", "Bearer fo1_abcdefghijk", token,
	} {
		got := hideToken(text, "Bearer "+token)
		if strings.Contains(got, "PeCQ") || strings.Contains(got, "lJPEC") || strings.Contains(got, "abcdef") || !strings.Contains(got, "[token]") {
			t.Errorf("%q became %q", text, got)
		}
	}
}
