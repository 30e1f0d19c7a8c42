package flyctl

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// kindOf says what a text shows.
type kindOf struct {
	pattern *regexp.Regexp
	kind    error
}

// kinds are the texts that show what is wrong, most specific first. flyctl has no
// exit codes for them. Of an API's answer it prints only the words, or, if these
// are not JSON, "request returned non-2xx status: 503: …", or "(status 503)", or
// "non-200 status code: 503". What it was doing comes before them. "failed to
// obtain lease" comes before whatever kept it from one, and so means nothing alone.
// They are compiled when a failure needs them: most programs meet none.
var kinds = sync.OnceValue(func() []kindOf {
	return []kindOf{
		{regexp.MustCompile(`(?i)^failed loading app config|^config file not found|^No local fly\.toml|App configuration is not valid|invalid app configuration`), ErrNoConfig},
		{regexp.MustCompile(`(?i)^unknown (shorthand )?flag|^flag needs an argument|^invalid argument |^accepts |^yes flag must be specified|^a machine ID must be specified`), ErrUsage},
		{regexp.MustCompile(`^timeout reached waiting for`), nil}, // a machine's doing, whatever the last try to look at it met
		// flyctl asks for a lease twice a second for a minute, and so the last answer can be a 429.
		{regexp.MustCompile(`(?i)lease currently held|^failed to obtain lease: .*(rate.?limit|too many requests|status: 429\b)`), ErrLeaseHeld},
		{regexp.MustCompile(`(?i)app not found|could not find app\b|^the app name \S+ could not be found`), ErrAppNotFound},
		{regexp.MustCompile(`(?i)^machine \S+ was not found|machine not found|^machine \S+ has already been destroyed`), ErrMachineNotFound},
		{regexp.MustCompile(`(?i)either stop first or use --force|machine not running|not currently stopped`), ErrMachineState},
		{regexp.MustCompile(`(?i)could not find image\b|manifest[ _]unknown`), ErrImageNotFound},
		{regexp.MustCompile(`(?i)no access token|unauthori[sz]ed|not authori[sz]ed|must be authenticated|forbidden|invalid token|token (is |has )?(expired|invalid)|status(?: code)?:? 40[13]\b`), ErrUnauthorized},
		{regexp.MustCompile(`(?i)\brate.?limit|too many requests|status(?: code)?:? 429\b`), ErrRateLimited},
		{regexp.MustCompile(`(?i)status(?: code)?:? (408|5\d\d)\b|internal server error|\binternal: |bad gateway|from current state: '(replacing|starting|stopping|suspending|restarting)'|\bunavailable\b|gateway time-?out|decod(e|ing) response|read(ing)? (response )?body|connection (reset|refused|broken)|broken pipe|\bEOF\b|i/o timeout|TLS handshake|no such host|server misbehaving|network is unreachable|deadline.exceeded|request canceled|timed out`), ErrTransient},
	}
})

// Exit codes of flyctl that are neither 0 nor 1. A shell uses the same two for a
// command that it cannot start or find, where FLYCTL is a script.
const (
	exitDeadline    = 126
	exitInterrupted = 127 // SIGINT or SIGTERM; there is no "Error:" line then
)

// withoutNames takes from a reason the names that read like one: an app may be
// called rate-limiter.
func withoutNames(reason string, names []string) string {
	for _, name := range names {
		if slices.ContainsFunc(kinds(), func(k kindOf) bool { return k.pattern.MatchString(name) }) {
			reason = strings.ReplaceAll(reason, name, "_")
		}
	}
	return reason
}

// classify returns the kind of a failure, or nil if neither the first line of
// flyctl's reason nor the exit code shows it.
func classify(reason string, exitCode int) error {
	for _, k := range kinds() {
		if k.pattern.MatchString(reason) {
			return k.kind
		}
	}
	switch {
	case exitCode == exitDeadline && reason != "":
		return ErrTransient
	case exitCode == exitInterrupted && reason == "":
		return ErrInterrupted
	}
	return nil
}
