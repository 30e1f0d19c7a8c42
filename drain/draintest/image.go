package draintest

import "time"

// Image is what is special about an image. One that the World does not name is
// in the registry, boots and is healthy.
type Image struct {
	Missing      bool                  `json:"missing,omitempty"`       // not in the registry
	KnownFrom    time.Time             `json:"known_from,omitzero"`     // not before this time
	Unhealthy    bool                  `json:"unhealthy,omitempty"`     // its checks never pass
	Crash        bool                  `json:"crash,omitempty"`         // exits as soon as it has started
	CrashAfter   time.Duration         `json:"crash_after,omitempty"`   // exits this long after it has started
	WorkersEnd   time.Duration         `json:"workers_end,omitempty"`   // programs of machines without services end with 0 so long after their start
	Boot         time.Duration         `json:"boot,omitempty"`          // instead of the World's
	Health       time.Duration         `json:"health,omitempty"`        // instead of the World's
	ReleaseFails bool                  `json:"release_fails,omitempty"` // its release command exits 1
	NoCat        bool                  `json:"no_cat,omitempty"`        // as distroless ones
	Exec         map[string]ExecAnswer `json:"exec,omitempty"`          // by command
}

// ExecAnswer is what a command in a machine answers.
type ExecAnswer struct {
	ExitCode int    `json:"exit_code,omitempty"`
	Stdout   string `json:"stdout,omitempty"`
	Stderr   string `json:"stderr,omitempty"`
}
