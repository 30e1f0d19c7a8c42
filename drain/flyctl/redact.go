package flyctl

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// shortestSecret is the length of the shortest text that can hold one.
const shortestSecret = 8

// secrets are the shapes of credentials, which flyctl does not print, but what
// it wraps might: Fly's tokens, authorization headers, passwords in addresses.
// Text without a shape's sign need not be searched for it.
var secrets = []struct {
	sign    string // in lower case
	pattern *regexp.Regexp
	instead string
}{
	{"_", regexp.MustCompile(`f[mo]\d[a-z]?_[A-Za-z0-9+/=_,-]{8,}`), "[token]"},
	{"flyv1", regexp.MustCompile(`(?i)(FlyV1)\s+[A-Za-z0-9+/=_.,~-]{16,}`), "$1 [token]"},
	{"bearer", regexp.MustCompile(`(?i)(bearer)\s+[A-Za-z0-9+/=_.,~-]{16,}`), "$1 [token]"},
	{"authorization", regexp.MustCompile(`(?i)(authorization["']?[:=]\s*["']?(?:[a-z0-9]+\s+)?)[^\s"']{8,}`), "$1[token]"},
	{"://", regexp.MustCompile(`(://[^/\s:@]*):[^/\s@]+@`), "$1:[secret]@"},
}

// redactor takes credentials out of texts: those that look like one, and the
// tokens of the environment that it was made in.
type redactor struct{ tokens []string }

// newRedactor reads the tokens that flyctl is given, longest first, as one can be
// the beginning of another. FLY_API_TOKEN can be a scheme and a list of them.
func newRedactor() redactor {
	var r redactor
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "FLY_") || !strings.Contains(name, "TOKEN") {
			continue
		}
		for _, token := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
			if len(token) >= shortestSecret {
				r.tokens = append(r.tokens, token)
			}
		}
	}
	slices.SortFunc(r.tokens, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return r
}

// redact returns s without credentials.
func (r redactor) redact(s string) string {
	for _, token := range r.tokens {
		s = strings.ReplaceAll(s, token, "[token]")
	}
	lower := strings.ToLower(s)
	for _, shape := range secrets {
		if strings.Contains(lower, shape.sign) {
			s = shape.pattern.ReplaceAllString(s, shape.instead)
		}
	}
	return s
}

// hiding are flags whose values, NAME=VALUE, are the user's, and may be secret.
var hiding = []string{"--build-secret", "--build-arg", "--env", "-e", "--file-literal"}

// redactArgs returns a command without credentials.
func redactArgs(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		flag, value, joined := strings.Cut(arg, "=")
		switch {
		case i > 0 && slices.Contains(hiding, args[i-1]):
			arg = hide(arg)
		case joined && slices.Contains(hiding, flag):
			arg = flag + "=" + hide(value)
		case strings.HasPrefix(arg, "-e") && len(arg) > 2: // joined without "="
			arg = "-e" + hide(arg[2:])
		}
		out[i] = Printable(arg)
	}
	return out
}

// hide returns NAME=VALUE without its value.
func hide(s string) string { return s[:strings.Index(s, "=")+1] + "[hidden]" }
