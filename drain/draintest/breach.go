package draintest

import (
	"fmt"
	"time"
)

// A Breach is a rule broken by a command.
type Breach struct {
	Rule    string    `json:"rule"`
	At      time.Time `json:"at"`
	Command string    `json:"command"`
	Machine string    `json:"machine"`
	Text    string    `json:"text"`
}

// String returns the breach in one line.
func (b Breach) String() string {
	return fmt.Sprintf("%s %s: %s: %s", b.Rule, b.Machine, b.Text, b.Command)
}
