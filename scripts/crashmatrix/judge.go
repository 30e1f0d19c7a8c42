package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// judge takes the rules, the account and what is left.
func (b *bench) judge() {
	b.fly.Do(func(w *draintest.World) {
		for _, x := range w.Breaches {
			switch {
			case b.rough && x.Rule == "S4" && b.beside: // the world does not know whose look it was
			case b.rough && x.Rule == "S1" && len(b.touched) > 0 && !strings.HasPrefix(x.Text, "0 of"): // what somebody else takes away late in a cutover is missed
			default:
				b.broken = append(b.broken, x.String())
			}
		}
		for _, c := range w.Account.Cuts {
			inTime := b.late > 0 && c.At.Sub(w.Machines[c.Machine].Held) >= b.late
			if !inTime && !strings.HasPrefix(c.By, "outside: ") && !strings.HasPrefix(c.By, "platform: ") {
				b.broken = append(b.broken, "a connection was cut by "+c.By)
			}
		}
		if n := w.Account.Refused; n > 0 && len(b.touched) == 0 && !b.autostop {
			b.broken = append(b.broken, fmt.Sprintf("%d connections found no machine", n))
		}
		for _, app := range b.names() {
			b.left += len(w.Live(app)) - b.size()
		}
		if len(b.touched) > 0 {
			b.left = 0 // how many there should be is not known
		}
	})
}

// truth compares what a run says with what is there.
//
// Where its flyctl was stopped in the middle of a change, the machine stays
// leased for two minutes, and cannot be held: then it must say which machine.
func (b *bench) truth(report drain.Report, err error) {
	b.result = report.Result
	if (report.Result == drain.ResultDone) != (err == nil) {
		b.mistake("it says %s, and its error is: %v", report.Result, err)
	}
	stuck := b.leased()
	for _, id := range stuck {
		if err != nil && !strings.Contains(err.Error(), id) {
			b.mistake("it does not say that machine %s is leased: %v", id, err)
		}
	}
	if len(stuck) > 0 && report.Result == drain.ResultLeft {
		if strings.Contains(report.String(), "of the new one are left, cordoned") {
			b.mistake("machines %v could not be held, and it says: %s", stuck, report.String())
		}
		return
	}
	if report.Result == drain.ResultPerson && strings.Contains(fmt.Sprint(err), "fly machine uncordon ") {
		return // it says what is to be done
	}
	if text := b.lie(report); text != "" {
		b.mistake("it says %s, and that is not so: %s (%v)", report.Result, text, err)
	}
}

// lie returns what contradicts a result, or "". What somebody else
// has touched since does not count.
func (b *bench) lie(report drain.Report) string {
	result := report.Result
	open, held := map[string]int{}, map[string]int{}
	touched := 0
	b.fly.Do(func(w *draintest.World) {
		for i, app := range b.names() {
			for _, m := range w.Live(app) {
				switch {
				case b.touched[m.ID]:
					touched++
				case !m.Cordoned && result == drain.ResultLeft && slices.Contains(report.Apps[i].Serving, m.ID) && slices.Contains(report.Apps[i].Green, m.ID):
					// it says so
				case m.Cordoned:
					held[tag(m)]++
				default:
					open[tag(m)]++
				}
			}
		}
	})
	serving := fmt.Sprintf("open are %v, cordoned %v, and somebody else touched %d", open, held, touched)
	isOpen := b.open()
	asBefore := !slices.ContainsFunc(b.was, func(id string) bool { return !b.touched[id] && !slices.Contains(isOpen, id) })
	one := len(open) == 1 || len(open) == 0 && len(b.touched) > 0
	for _, n := range open {
		one = one && (n == b.size()*b.apps || len(b.touched) > 0)
	}
	switch {
	case result == drain.ResultPerson && len(b.touched) == 0 && !b.rough:
		return "one more run puts it right"
	case result == drain.ResultPerson, result == drain.ResultLeft && slices.ContainsFunc(report.Apps, func(a drain.AppReport) bool { return !a.Known }):
	case !one:
		return serving
	case result == drain.ResultDone && len(held) > 0 && !b.drains, result == drain.ResultFailed && held["v3"] > 0,
		(result == drain.ResultFailed || result == drain.ResultLeft) && !asBefore:
		return serving
	}
	return ""
}

// leased are the open machines that nobody can change for a while.
func (b *bench) leased() (ids []string) {
	b.fly.Do(func(w *draintest.World) {
		for _, app := range b.names() {
			for _, m := range w.Live(app) {
				if !m.Cordoned && m.Lease != nil && w.Now.Before(m.Lease.Until) && m.Lease.Nonce != "of another" {
					ids = append(ids, m.ID)
				}
			}
		}
	})
	return ids
}

// unsettled returns what is wrong when a run says that it is done, and
// which images may serve then.
func (b *bench) unsettled(may []string) (text string) {
	var tags []string
	b.fly.Do(func(w *draintest.World) {
		for _, app := range b.names() {
			have := map[string]int{}
			for _, m := range w.Live(app) {
				if t := tag(m); !slices.Contains(tags, t) {
					tags = append(tags, t)
				}
				have[b.kind(m)]++
			}
			is, want := census(have), b.census()
			if len(b.touched) > 0 || b.beside { // it may be stronger or weaker, and no machine may be held
				is, want = census(strange(have)), ""
			}
			if is != want {
				text += fmt.Sprintf("%s is %s and should be %s; ", app, is, want)
			}
		}
	})
	if len(tags) != 1 || !slices.Contains(may, tags[0]) {
		text += fmt.Sprintf("there are images %v, and there should be one of %v", tags, may)
	}
	return text
}

// kind is what a machine counts for: "app=iad", with what is wrong with it.
func (s *scenario) kind(m *draintest.Machine) string {
	k := m.Group() + "=" + m.Region
	if m.Cordoned || m.State != "started" && !(s.autostop && m.State == "stopped") {
		k += fmt.Sprintf(" (%s, cordoned: %v)", m.State, m.Cordoned)
	}
	return k
}

// strange are the kinds of machines that are neither open and started nor at rest, as
// is what takes the place of a machine that somebody else has stopped.
func strange(have map[string]int) map[string]int {
	out := map[string]int{}
	for k, n := range have {
		if strings.Contains(k, "(") && !strings.HasSuffix(k, "(stopped, cordoned: false)") {
			out[k] = n
		}
	}
	return out
}

// census is how many machines of each kind there are, in one line.
func census(have map[string]int) string {
	var parts []string
	for k, n := range have {
		parts = append(parts, fmt.Sprintf("%s:%d", k, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// census is how an app of the scenario should be.
func (s *scenario) census() string { return census(s.kinds()) }
