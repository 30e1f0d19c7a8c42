package drain_test

import (
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// judge takes the rules and the account.
func (c *campaign) judge() {
	c.fly.Do(func(w *draintest.World) {
		for _, b := range w.Breaches {
			if b.Rule == "S4" && c.beside != "" {
				continue // the world does not know whose look it was
			}
			if b.Rule == "S1" && len(c.touched) > 0 && !strings.HasPrefix(b.Text, "0 of") {
				continue // what somebody else takes away late in a cutover is missed
			}
			c.mistake("breach: %v", b)
		}
		for _, cut := range w.Account.Cuts {
			if !strings.HasPrefix(cut.By, "outside: ") && !strings.HasPrefix(cut.By, "platform: ") {
				c.mistake("a connection of %s was cut by %s", cut.Machine, cut.By)
			}
		}
		if n := w.Account.Refused; n > 0 && len(c.touched) == 0 && !c.autostop {
			c.mistake("%d connections found no machine", n)
		}
	})
}

// truth holds the result against what is there, but for what somebody else touched.
func (c *campaign) truth(report drain.Report, err error) {
	if (report.Result == drain.ResultDone) != (err == nil) {
		c.mistake("it says %s, and its error is: %v", report.Result, err)
	}
	open, held := map[string]int{}, map[string]int{}
	c.fly.Do(func(w *draintest.World) {
		for i, app := range c.names() {
			for _, m := range w.Live(app) {
				switch {
				case c.touched[m.ID]:
				case m.Cordoned:
					held[tag(m)]++
				case report.Result == drain.ResultLeft && slices.Contains(report.Apps[i].Green, m.ID) && slices.Contains(report.Apps[i].Serving, m.ID): // it says so
				default:
					open[tag(m)]++
				}
			}
		}
	})
	isOpen := c.open()
	asBefore := !slices.ContainsFunc(c.was, func(id string) bool { return !c.touched[id] && !slices.Contains(isOpen, id) })
	truth := true
	switch report.Result {
	case drain.ResultDone:
		truth = len(open) <= 1 && (len(held) == 0 || c.what == "drain")
	case drain.ResultFailed:
		truth = asBefore && open["v3"]+held["v3"] == 0
	case drain.ResultDraining:
		truth = len(open) <= 1
	case drain.ResultLeft:
		blind := slices.ContainsFunc(report.Apps, func(a drain.AppReport) bool { return !a.Known })
		truth = blind || asBefore && open["v3"] == 0
	case drain.ResultPerson:
		truth = len(c.faults)+len(c.events) > 0
	}
	if !truth {
		c.mistake("it says %s, and open are %v, cordoned %v; somebody else touched %d: %v", report.Result, open, held, len(c.touched), err)
	}
}
