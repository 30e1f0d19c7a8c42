package flyctl

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// secrets are the shapes of credentials, which flyctl does not print, but what
// it wraps might: Fly's tokens, authorization headers, passwords in addresses.
var secrets = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`f[mo]\d[a-z]?_[A-Za-z0-9+/=_,-]{8,}`), "[token]"},
	{regexp.MustCompile(`(?i)(FlyV1|bearer)\s+[A-Za-z0-9+/=_.,~-]{16,}`), "$1 [token]"},
	{regexp.MustCompile(`(?i)(authorization["']?[:=]\s*["']?(?:[a-z0-9]+\s+)?)[^\s"']{8,}`), "$1[token]"},
	{regexp.MustCompile(`(://[^/\s:@]*):[^/\s@]+@`), "$1:[secret]@"},
}

// redact takes credentials out of a text.
func redact(s string) string {
	for _, secret := range tokensInEnv() {
		s = strings.ReplaceAll(s, secret, "[token]")
	}
	for _, shape := range secrets {
		s = shape.pattern.ReplaceAllString(s, shape.instead)
	}
	return s
}

// tokensInEnv are the tokens that flyctl is given, longest first, as one can be
// the beginning of another. FLY_API_TOKEN can be a scheme and a list of them.
func tokensInEnv() []string {
	var found []string
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "FLY_") || !strings.Contains(name, "TOKEN") {
			continue
		}
		for _, token := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
			if len(token) >= 8 {
				found = append(found, token)
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return found
}

// hiding are flags whose values, NAME=VALUE, are the user's, and may be secret.
var hiding = []string{"--build-secret", "--build-arg", "--env", "-e", "--file-literal"}

// redactArgs takes credentials out of a command.
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
		out[i] = redact(clean(arg))
	}
	return out
}

func hide(nameValue string) string {
	name, _, ok := strings.Cut(nameValue, "=")
	if !ok {
		return "[hidden]"
	}
	return name + "=[hidden]"
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)`)

// clean takes out what would move a terminal's cursor, change its colours, or
// show a text in another order than it has.
func clean(s string) string {
	s = escapes.ReplaceAllString(s, "")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}
