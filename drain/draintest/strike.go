package draintest

import "slices"

// struck returns the first fault of a command that strikes now, of those that match.
func (w *World) struck(command, app string, match func(f *Fault) bool) Fault {
	for _, f := range w.Faults {
		if f.Command != "" && f.Command != command || f.App != "" && f.App != app || !match(f) {
			continue
		}
		if f.Seen++; f.Seen > f.Skip && (f.Times == 0 || f.Seen <= f.Skip+f.Times) {
			if f.Hang {
				f.Hung++
			}
			return *f
		}
	}
	return Fault{}
}

// strikeCall returns what strikes an API call.
func (w *World) strikeCall(command, call, app, id string) Fault {
	return w.struck(command, app, func(f *Fault) bool {
		is := f.Call == call || f.Call == "" && slices.Contains(mainCalls[command], call)
		return is && f.onCall() && (f.Machine == "" || f.Machine == id)
	})
}

// strikeCommand returns what strikes a command as a whole.
func (w *World) strikeCommand(command, app string, args []string) Fault {
	return w.struck(command, app, func(f *Fault) bool {
		return !f.onCall() && f.View == "" && (f.Machine == "" || slices.Contains(args, f.Machine))
	})
}

// strikeList returns the fault that strikes a command's list.
func (w *World) strikeList(command, app string) Fault {
	return w.struck(command, app, func(f *Fault) bool { return f.View != "" })
}
