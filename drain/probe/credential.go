package probe

import (
	"net/netip"
	"os"
	"slices"
	"strings"
)

func env(name string) string { return strings.TrimSpace(os.Getenv(name)) }

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// authorization returns the header for a token in any form that flyctl takes: with
// or without a scheme before it, one token or several with commas between them.
// "fly tokens create" makes macaroons: they are sent as FlyV1, without tokens of
// other kinds. "fly auth token" can print either kind.
// https://github.com/superfly/fly-go/blob/main/tokens/tokens.go
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

// otherScheme returns the header with the scheme that it does not have. Which one Fly
// takes has been documented and seen both ways for some tokens.
func otherScheme(header string) string {
	scheme, tokens, _ := strings.Cut(header, " ")
	if scheme == "Bearer" {
		return "FlyV1 " + tokens
	}
	return "Bearer " + tokens
}

// tokensIn returns the tokens of a header, or of a list without a scheme.
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
