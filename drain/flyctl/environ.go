package flyctl

import (
	"slices"
	"strings"
)

// unset are variables that change what flyctl prints on standard output or slow
// every command down. With DEPLOY_TRIGGER, a deploy continues though its image
// cannot be found.
var unset = []string{"LOG_LEVEL", "FLY_GHA_ERROR_ANNOTATION", "FLY_UPDATE_CHECK", "FLY_INCIDENTS_CHECK",
	"FLY_VERBOSE", "FLY_JSON", "FLY_LOG_GQL_ERRORS", "FLY_EMIT_RELEASE_JSON", "DEPLOY_TRIGGER",
	"NO_COLOR", "FLY_NO_UPDATE_CHECK"} // environ sets the last two

// environ returns what a command gets of an environment. Windows does not tell the
// cases of names apart.
func environ(system string, all []string, noToken bool) []string {
	env := slices.DeleteFunc(all, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		if system == "windows" {
			name = strings.ToUpper(name)
		}
		return slices.Contains(unset, name) || noToken && holdsToken(name)
	})
	return append(env, "FLY_NO_UPDATE_CHECK=1", "NO_COLOR=1")
}
