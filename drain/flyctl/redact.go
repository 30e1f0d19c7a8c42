package flyctl

import (
	"encoding/base64"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
)

// secrets are the shapes of credentials, which flyctl does not print, but what it
// wraps might: Fly's tokens, authorization headers, passwords in addresses and
// queries. Text without one of a shape's signs need not be searched for it.
var secrets = sync.OnceValue(func() []secret {
	return []secret{
		{[]string{"_"}, regexp.MustCompile(`f[mo]\d[a-z]?_(?:[A-Za-z0-9+/=_,-]|%[0-9A-Fa-f]{2}|\\u00..|\\/){8,}`), "[token]"},
		{[]string{"flyv1", "bearer"}, regexp.MustCompile(`(?i)(FlyV1|bearer)\s+[A-Za-z0-9+/=_.,~-]{16,}`), "$1 [token]"},
		{[]string{"authorization"}, regexp.MustCompile(`(?i)(authorization[\\"']*[:=][\\\s"']*(?:[a-z0-9]+\s+)?)[^\\\s"']{8,}`), "$1[token]"},
		{[]string{"@"}, regexp.MustCompile(`:(//|\\/\\/)[^/\s"<>]+@`), ":$1[secret]@"},
		{[]string{"@"}, regexp.MustCompile(`:[^/\s"'<>]+(@[\w.-]+(?::\d+)?(?:[/\s"',;)\\]|$))`), ":[secret]$1"}, // not an image's tag@sha256:…
		{[]string{"?", "&"}, regexp.MustCompile(`(?i)((?:[?&;]|\\u0026)[\w.-]*(?:token|secret|passw|pwd|api_?key|access_?key|signature|credential)[\w.-]*=)(?:[^&\s"'<>\\]|\\/)+`), "$1[secret]"},
	}
})

type secret struct {
	signs   []string // in lower case
	pattern *regexp.Regexp
	instead string
}

// shortestSecret is how many characters a token has at least, and how many of one
// are recognised in any place: neither a line end nor a cut leaves half of it.
const shortestSecret = 8

// redactor takes credentials out of texts: those that look like one, and the
// tokens of the environment that it was made in.
type redactor struct {
	tokens []string
	parts  map[uint64]bool // of eight characters each
}

// latest is kept as learning tokens takes longer than redacting most texts.
var latest atomic.Pointer[redactor]

// newRedactor learns the tokens that flyctl is given, and the secrets, also in base64
// behind a user's name. FLY_API_TOKEN can be a scheme and a list of them.
func newRedactor(secrets ...string) redactor {
	r := redactor{parts: map[uint64]bool{}}
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); holdsToken(name) {
			secrets = append(secrets, value)
		}
	}
	for _, value := range secrets {
		r.tokens = append(r.tokens, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })...)
	}
	if known := latest.Load(); known != nil && slices.Equal(known.tokens, r.tokens) {
		return *known
	}
	for _, token := range r.tokens {
		if len(token) < shortestSecret {
			continue
		}
		r.learn(token)
		for before := range 3 { // base64 takes three bytes at a time
			r.learn(base64.RawStdEncoding.EncodeToString([]byte("::"[:before] + token)))
		}
	}
	latest.Store(&r)
	return r
}

// holdsToken reports whether the variable of that name is a token for Fly.
func holdsToken(name string) bool {
	return strings.HasPrefix(name, "FLY_") && strings.Contains(name, "TOKEN")
}

func (r redactor) learn(form string) {
	var part uint64
	for _, c := range fold(form) {
		if part = part<<8 | uint64(c.code); part>>56 > 0 {
			r.parts[part] = true
		}
	}
}

// redact returns s without credentials.
func (r redactor) redact(s string) string {
	s = r.hideTokens(s)
	lower := strings.ToLower(s)
	for _, shape := range secrets() {
		if slices.ContainsFunc(shape.signs, func(sign string) bool { return strings.Contains(lower, sign) }) {
			s = shape.pattern.ReplaceAllString(s, shape.instead)
		}
	}
	return s
}

func (r redactor) hideTokens(s string) string {
	if len(r.parts) == 0 {
		return s
	}
	text := fold(s)
	var part uint64
	for i, c := range text {
		if part = part<<8 | uint64(c.code); r.parts[part] {
			for k := range shortestSecret {
				text[i-k].secret = true
			}
		}
	}
	var out strings.Builder
	shown := 0
	for i, c := range text {
		if !c.secret {
			continue
		}
		if i == 0 || !text[i-1].secret {
			out.WriteString(s[shown:c.from] + "[token]")
		}
		shown = c.to
	}
	return out.String() + s[shown:]
}

// char is a character of a text, and where it stands there.
type char struct {
	code     byte
	from, to int
	secret   bool
}

// fold returns the characters of s that a token can have, without the blanks and
// what else may break one. It undoes the escapes of URLs and JSON, and takes both
// alphabets of base64 for one.
func fold(s string) []char {
	bare, at := make([]byte, 0, len(s)), make([]int, 0, len(s))
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f {
			bare, at = append(bare, c), append(at, i)
		}
	}
	text := make([]char, 0, len(bare))
	for i, n := 0, 1; i < len(bare); i += n {
		c := bare[i]
		n = 1
		if c == '%' || c == '\\' {
			if m := escape.FindSubmatch(bare[i:min(len(bare), i+16)]); m != nil {
				code, _ := strconv.ParseUint(string(m[1]), 16, 8)
				c, n = byte(code), len(m[0])
			}
		}
		switch {
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		case c <= ' ', c >= 0x7f, c == '\\':
			continue
		}
		text = append(text, char{code: c, from: at[i], to: at[i+n-1] + 1})
	}
	return text
}

var escape = regexp.MustCompile(`^(?:%(?:25)*|\\+u00|\\+x)([0-9A-Fa-f]{2})`)
