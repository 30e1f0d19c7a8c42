package rollout

import "github.com/flydrain/flydrain/drain/internal/fleet"

// lastExit says how a machine's program last ended by itself, or nothing.
func lastExit(m *fleet.Machine) string {
	if exit := m.LastExit(); exit != nil && !exit.RequestedStop {
		return "; its program last ended with " + exit.String()
	}
	return ""
}
