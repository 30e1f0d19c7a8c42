package drain

import (
	"cmp"
	"errors"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

func env(name string) string { return strings.TrimSpace(os.Getenv(name)) }

// credential is the Authorization header for an address; "" for none.
func (p Prometheus) credential(at *url.URL) (string, error) {
	header := authorization(cmp.Or(p.Token, env("FLY_ACCESS_TOKEN"), env("FLY_API_TOKEN")))
	switch {
	case at.User != nil:
		return "", nil // net/http sends that
	case header == "" && (at.Hostname() == "fly.io" || strings.HasSuffix(at.Hostname(), ".fly.io")):
		return "", errors.New("no token for the metrics: set FLY_API_TOKEN (FLY_API_TOKEN=$(fly auth token) where you are logged in)")
	case at.Scheme != "https" && !loopback(at.Hostname()):
		return "", nil
	}
	return header, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// authorization makes a header of a token as flyctl takes it: with a scheme before
// it or without, one or several with commas between. Those that "fly tokens create"
// makes are macaroons, and go as FlyV1, without the others; those of "fly auth
// token" can be either. https://github.com/superfly/fly-go/blob/main/tokens/tokens.go
func authorization(token string) string {
	var macaroons, others []string
	for _, part := range tokensIn(token) {
		if kind, _, ok := strings.Cut(part, "_"); ok && slices.Contains([]string{"fm1r", "fm1a", "fm2"}, kind) {
			macaroons = append(macaroons, part)
		} else {
			others = append(others, part)
		}
	}
	switch {
	case len(macaroons) > 0:
		return "FlyV1 " + strings.Join(macaroons, ",")
	case len(others) > 0:
		return "Bearer " + strings.Join(others, ",")
	}
	return ""
}

// tokensIn gives the tokens of a header, or of what stands for one.
func tokensIn(header string) []string {
	header = strings.TrimSpace(header)
	for {
		scheme, rest, ok := strings.Cut(header, " ")
		if !ok || !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "flyv1") {
			break
		}
		header = strings.TrimSpace(rest)
	}
	return strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
}

var flyToken = regexp.MustCompile(`f[mo]\d[a-z]?_[A-Za-z0-9+/=_-]{8,}`)

// hideToken takes credentials out of a text that a server may have made.
func hideToken(text, header string) string {
	for _, token := range tokensIn(header) {
		text = strings.ReplaceAll(text, token, "[token]")
	}
	return flyToken.ReplaceAllString(text, "[token]")
}
