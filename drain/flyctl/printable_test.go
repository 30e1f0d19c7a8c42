package flyctl

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestPrintableTextIsOneLineWithoutControlCharacters(t *testing.T) {
	for s, want := range map[string]string{
		"plain, ümlaut, 日本 ✓":          "plain, ümlaut, 日本 ✓",
		"a\tb\u00a0c":                  "a b c",
		"one\r\ntwo\n":                 "one; two",
		"\n\none\n\n  two":             "one; two",
		"10%\r20%":                     "10%; 20%",
		"a\vb\fc\u0085d\u2028e\u2029f": "a; b; c; d; e; f",
		"a\n":                          "a",
		" a ":                          "a",
		"":                             "",
		"\n\t":                         "",
		"\x1b[31mred\x1b[0m":           "red",
		"\x1b[38;2;1;2;3mred\x1b[?25l": "red",
		"\x1b[4:3mcurly":               "curly",
		"\x1b]0;title\x07a":            "a",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
		"\x1bPhidden\x1b\\a\x1b_hidden\x1b\\":      "a",
		"\x1b(Ba":                                  "a",
		"\x1bca":                                   "ca",
		"a\x1b":                                    "a",
		"\u009b2Ja":                                "a",
		"\u009d0;title\u009ca":                     "a",
		"\x1b\x1b[31m[31ma":                        "[31ma",
		"\u202eabc\u2066\u200f\u061c":              "abc",
		"zero\u200bwidth\ufeff\u00ad":              "zerowidth",
		"\U000e0041":                               "",
		"\xff\x9b31m":                              "\ufffd\ufffd31m",
		"a\x00b\x08c\x7f":                          "abc",
	} {
		if got := Printable(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

func TestPrintableTakesTokensOutThatInvisibleCharactersBreak(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	for _, in := range []string{"", "\x1b[1m", "\u200b", "\x00", "\u202e", "\u009b1m", "\x1b]0;x\x07"} {
		for _, token := range []string{plain, macaroon} {
			if got := Printable("it is " + token[:9] + in + token[9:] + "!"); got != "it is [token]!" {
				t.Errorf("%q: got %q", in, got)
			}
		}
	}
}

// A text is cut after its tokens are removed: half of one is not recognised.
func TestAnExcerptHasNoHalfOfAToken(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	for n := range 80 {
		if got := excerpt(strings.Repeat("x", n) + " " + plain + macaroon); strings.Contains(got, "Opaque") || strings.Contains(got, "fm2") {
			t.Errorf("after %d: %s", n, got)
		}
	}
}

// command is GitHub's and Azure's older form, which they take anywhere in a line.
var command = regexp.MustCompile(`##[A-Za-z]*\[`)

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"", "FlyV1 " + macaroon, "\x1b[31mred\x1b[0m", "\x1b]0;t\x07", "a\x1b", "://a:b@c", "Authorization: " + plain, macaroon[:5] + "\x00" + macaroon[5:], "a\r\nb\u2028",
		"##[add-mask]draining", "#\x00#[group]", "\u2028 ::stop-commands::x", "\x1b[1m:\u200b:warning::x", "###[x##[y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := newRedactor().text(s + " " + macaroon + "\x1b[1m\n")
		got := Printable(s + " " + macaroon + "\x1b[1m\n")
		for _, shown := range []string{got, text} {
			if strings.Contains(shown, macaroon) {
				t.Fatalf("the token is in %q", shown)
			}
			for line := range strings.Lines(shown) {
				if strings.HasPrefix(strings.TrimSpace(line), "::") || command.MatchString(line) {
					t.Fatalf("a command for CI is in %q", shown)
				}
			}
			for _, r := range shown {
				if !unicode.IsPrint(r) && (shown == got || r != '\n' && r != '\t') {
					t.Fatalf("%U is in %q", r, shown)
				}
			}
		}
		if again := visible(text); again != text {
			t.Fatalf("%q is %q when cleaned again", text, again)
		}
		if got != strings.TrimSpace(got) {
			t.Fatalf("%q has blanks around it", got)
		}
	})
}

func BenchmarkPrintable(b *testing.B) {
	const line = "#12 3.411 npm info using node@v22.1.0 for the build of registry.fly.io/my-app, step 4"
	for name, s := range map[string]string{"id": one, "line": line, "colours": "\x1b[1m" + line + "\x1b[0m"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = Printable(s)
			}
		})
	}
}
