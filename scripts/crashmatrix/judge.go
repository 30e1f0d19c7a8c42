package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// judge looks for broken rules, cut connections, and machines that are left over. It is
// the only judge of what happened; truth judges what a run says.
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
	})
	if len(b.touched) == 0 { // else how many there should be is not known
		b.left = -b.apps * len(b.want)
		b.each(func(*draintest.World, int, *draintest.Machine) { b.left++ })
	}
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
	b.each(func(_ *draintest.World, app int, m *draintest.Machine) {
		switch {
		case b.touched[m.ID]:
			touched++
		case m.Cordoned:
			held[tag(m)]++
		case result == drain.ResultLeft && slices.Contains(report.Apps[app].Serving, m.ID) && slices.Contains(report.Apps[app].Green, m.ID): // it says so
		default:
			open[tag(m)]++
		}
	})
	serving := fmt.Sprintf("open are %v, cordoned %v, and somebody else touched %d", open, held, touched)
	isOpen := b.open()
	asBefore := !slices.ContainsFunc(b.was, func(id string) bool { return !b.touched[id] && !slices.Contains(isOpen, id) })
	one := len(open) == 1 || len(open) == 0 && len(b.touched) > 0
	for _, n := range open {
		one = one && (n == b.apps*len(b.want) || len(b.touched) > 0)
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
	b.each(func(w *draintest.World, _ int, m *draintest.Machine) {
		if !m.Cordoned && m.Lease != nil && w.Now.Before(m.Lease.Until) && m.Lease.Nonce != "of another" {
			ids = append(ids, m.ID)
		}
	})
	return ids
}

// unsettled returns what is wrong when a run says that it is done, and which images
// may serve then.
func (b *bench) unsettled(may []string) (text string) {
	for i, app := range b.names() {
		is, want := b.kinds(i), b.want
		if len(b.touched) > 0 || b.beside { // it may be stronger or weaker, and no machine may be held
			is, want = slices.DeleteFunc(is, usual), nil
		}
		if !slices.Equal(is, want) {
			text += fmt.Sprintf("%s is %q and should be %q; ", app, is, want)
		}
	}
	var tags []string
	b.each(func(_ *draintest.World, _ int, m *draintest.Machine) {
		if t := tag(m); !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	})
	if len(tags) != 1 || !slices.Contains(may, tags[0]) {
		text += fmt.Sprintf("there are images %v, and there should be one of %v", tags, may)
	}
	return text
}

// usual reports whether a machine of this kind is open and started, or at rest, as is
// what takes the place of a machine that somebody else has stopped.
func usual(kind string) bool {
	return !strings.Contains(kind, "(") || strings.HasSuffix(kind, "(stopped, cordoned: false)")
}
