package flyctl

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Printable returns text of unknown origin as one line that is safe to show on a
// terminal and in a log: without control characters, terminal escapes, invisible
// characters and marks that change the direction of writing, with tokens and
// passwords replaced by "[token]" and "[secret]", and with nothing that CI takes for
// a command of the job's ("##[add-mask]", or "::" at the beginning). Line ends become
// "; ". It is for everything that flyctl, a machine, a server or a user's flag said.
// Call it before cutting a text: less than eight characters of a token are not
// recognised. It knows the tokens that flyctl is given, and those in secrets.
func Printable(s string, secrets ...string) string { return newRedactor(secrets...).printable(s) }

// Printer returns a writer that makes each text as safe as [Printable] does, but keeps
// its tabs and line ends, and writes it to w. A write should be a whole text: a token
// in two is not recognised.
func Printer(w io.Writer) io.Writer { return printer{w} }

type printer struct{ w io.Writer }

func (p printer) Write(text []byte) (int, error) {
	_, err := p.w.Write([]byte(newRedactor().text(string(text))))
	return len(text), err
}

func (r redactor) printable(s string) string {
	s = r.text(s)
	if !strings.ContainsAny(s, "\n\t") {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(strings.ReplaceAll(line, "\t", " "))
		if line != "" && b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// text returns s as [Printable] does, except that it keeps tabs and line ends.
func (r redactor) text(s string) string {
	if !isPlain(s) {
		s = visible(s)
	}
	s = r.redact(s)
	if strings.Contains(s, "##") || strings.Contains(s, "::") {
		s = commands.ReplaceAllString(s, "$1$3 $2$4")
	}
	return s
}

// commands are what CI takes for commands in what a job prints: GitHub and Azure do so
// anywhere in a line, and GitHub also where a line begins.
// https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
var commands = regexp.MustCompile(`(##)([A-Za-z]*\[)|(?m:^(\s*:)(:))`)

// isPlain reports whether s is printable ASCII, tabs and line feeds.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// escapes are what a terminal takes for commands: CSI, and strings such as a
// window's title, each also in its form of one character (C1); and the choice of
// a character set. What else begins with ESC loses only that.
var escapes = regexp.MustCompile(`(?:\x1b\[|\x{9b})[0-9;:<=>?]*[ -/]*[@-~]|` +
	`(?:\x1b[\]P_^X]|[\x{9d}\x{90}\x{9e}\x{9f}\x{98}])[^\x07\x1b\x{9c}]*(?:\x07|\x1b\\|\x{9c})|` +
	`\x1b[()*+][0-~]`)

// visible returns s without what would move a terminal's cursor, change its
// colours, hide a text, or show it in another order than it has.
func visible(s string) string {
	s = strings.ReplaceAll(escapes.ReplaceAllString(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, s)
}

// excerpt returns the beginning of a text, quoted.
func excerpt(s string) string { return strconv.Quote(shorten(Printable(s), 80)) }

// shorten cuts a text to at most n bytes and an ellipsis, between characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// PrintableArgs returns a command's arguments, each as [Printable] does, and without the
// values of --env, --build-arg and the like: these are the user's, and may be secret.
func PrintableArgs(args []string) []string {
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

// hiding are flags whose values are NAME=VALUE.
var hiding = []string{"--build-secret", "--build-arg", "--env", "-e", "--file-literal"}

// hide returns NAME=VALUE without its value.
func hide(s string) string { return s[:strings.Index(s, "=")+1] + "[hidden]" }
