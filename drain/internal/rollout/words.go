package rollout

import "github.com/flydrain/flydrain/drain/internal/fleet"

// Ailing says why a machine is not healthy.
func Ailing(m *fleet.Machine) string {
	if !m.Started() {
		return m.State
	}
	for _, c := range m.Checks {
		if c.Status != "passing" {
			text := "started, but its check " + c.Name + " is " + c.Status
			if c.Output != "" {
				text += ": " + c.Output
			}
			return text
		}
	}
	return "started, but not all of its checks have answered"
}

// lastExit says how a machine's program last ended by itself, or nothing.
func lastExit(m *fleet.Machine) string {
	if exit := m.LastExit(); exit != nil && !exit.RequestedStop {
		return "; its program last ended with " + exit.String()
	}
	return ""
}
