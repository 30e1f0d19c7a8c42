package draintest

// limit takes a token, and reports whether there was one: 1 a second in bursts of 3 for
// each action on a machine or an app, 5 in bursts of 10 for getting a machine.
func (w *World) limit(action, id string) bool {
	rate, burst := 1.0, 3.0
	switch action {
	case "get":
		rate, burst = 5, 10
	case "build", "version", "config", "entry", "ps", "release", "logs":
		return true // not the Machines API, or not limited
	}
	if w.LimitsOff {
		return true
	}
	key := action + " " + id
	left := burst
	if l, ok := w.Buckets[key]; ok {
		left = min(burst, l.Left+rate*w.Now.Sub(l.At).Seconds())
	}
	ok := left >= 1-1e-9
	if ok {
		left--
	}
	w.Buckets[key] = level{left, w.Now}
	return ok
}
