// Package check says what rules a release of an app out, and what would disturb it, by
// its fly.toml and its machines. It is pure: it asks nobody, and changes nothing.
package check

// Examine returns what a person should know before the release, and why there can be
// none, if there cannot.
func (a App) Examine() (warnings []string, refused *Refusal) {
	x := &examination{App: a, cfg: a.released(), blue: a.Blue()}
	for _, look := range []func() *Refusal{x.groups, x.machines, x.config, x.services, x.strangers, x.losses} {
		if refusal := look(); refusal != nil {
			return x.warnings, refusal
		}
	}
	return x.warnings, nil
}
