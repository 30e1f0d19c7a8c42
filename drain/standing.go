package drain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// standing is how far the newest release of an app has come, read from the
// machine list alone: the platform is the journal.
type standing struct {
	at    stage
	mark  mark
	green fleet // of that release
	blue  fleet // managed machines from before it
	late  fleet // machines of earlier releases that came after it began
}

type stage int

const (
	atRest  stage = iota // nothing to do
	drains               // green serves, blue is out: only the drain is left
	cutting              // green is open and whole, and blue is not any more
	undone               // anything else, and blue is there to go back to
	fresh                // a first release that died before it opened
	dark                 // nothing takes traffic, and which should is not known
)

func (f fleet) standing() standing {
	marks := f.marks()
	if len(marks) == 0 {
		return standing{}
	}
	s := standing{mark: marks[0]}
	s.green, s.blue, s.late = f.green(s.mark.id), f.blue(s.mark), f.late(s.mark)
	green, blue := len(s.green.open()), len(s.blue.open())
	switch {
	case len(s.blue) == 0 && green > 0:
		s.at = atRest
	case len(s.blue) == 0:
		s.at = fresh
	case blue == 0 && green > 0:
		s.at = drains
	case blue == 0 && len(f.managed().open()) > 0:
		s.at = atRest // what somebody has deployed since, without us, serves
	case blue == 0:
		s.at = dark
	case green >= s.mark.machines && green > 0 && (len(s.closed()) > 0 || !s.canGoBack()):
		s.at = cutting // green that is cordoned beyond what the mark says was surplus
	default:
		s.at = undone
	}
	return s
}

// unsettled reports whether there are cordons to put right.
func (s standing) unsettled() bool {
	spare, _ := s.all().spare(s.green, s.needed())
	return s.at == cutting || s.at == undone && len(spare)+len(s.closed()) > 0
}

// mixed reports whether machines of green and of blue take traffic, and neither
// can be taken out: somebody has destroyed some of blue.
func (s standing) mixed() bool {
	return s.at == undone && len(s.green.open()) > 0 && !s.unsettled()
}

func (s standing) all() fleet { return slices.Concat(s.green, s.blue, s.late) }

// needed is how many machines took traffic where, when the release began, as
// far as its green tells: it was made as strong.
func (s standing) needed() map[place]int {
	n := map[place]int{}
	for _, m := range s.green {
		if len(m.Config.Services) > 0 && !m.Standby() {
			n[place{m.Group(), m.Region}]++
		}
	}
	return n
}

// canGoBack reports whether blue, all of it open, would be as strong as green.
func (s standing) canGoBack() bool {
	have := slices.Concat(s.blue.open(), s.closed()).ifOpen().serving()
	for p, n := range s.green.open().serving() {
		if have[p] < n {
			return false
		}
	}
	return true
}

// closed are the cordoned machines of those blue generations that have open
// ones: a cutover took them out, or was on its way to. Those of the other
// generations drain from earlier releases.
func (s standing) closed() fleet {
	inService := map[string]bool{}
	for _, m := range s.blue.open() {
		inService[generation(m)] = true
	}
	return s.blue.cordoned().where(func(m flyctl.Machine) bool { return inService[generation(m)] })
}

// generation is the id of the release that made a machine; "" if none of ours did.
func generation(m flyctl.Machine) string {
	mk, _ := markOf(m)
	return mk.id
}

// marks are the releases of which there are machines, newest first.
func (f fleet) marks() []mark {
	var out []mark
	for _, m := range f.managed() {
		if mk, ok := markOf(m); ok && !slices.ContainsFunc(out, func(o mark) bool { return o.id == mk.id }) {
			out = append(out, mk)
		}
	}
	slices.SortFunc(out, func(a, b mark) int { return cmp.Compare(b.id, a.id) })
	return out
}

// superseded are the cordoned machines whose place a later release has taken:
// all of that is open, or what is there of it now, and nothing of what was before it.
func (f fleet) superseded() fleet {
	leaving := map[string]bool{}
	for _, mk := range f.marks() {
		green, blue := f.green(mk.id), f.blue(mk)
		n := len(green.open())
		if n == 0 || n < mk.machines && n < len(green) || len(blue.open()) > 0 {
			continue
		}
		for _, m := range f.leaving(mk) {
			leaving[m.ID] = true
		}
	}
	return f.where(func(m flyctl.Machine) bool { return leaving[m.ID] })
}

// stuck are the cordoned machines from before the newest release whose place
// nothing has taken: a cutover is under way, or somebody has opened some of them.
func (f fleet) stuck() fleet {
	marks := f.marks()
	if len(marks) == 0 {
		return nil
	}
	superseded := f.superseded()
	return f.blue(marks[0]).cordoned().where(func(m flyctl.Machine) bool { _, goes := superseded.find(m.ID); return !goes })
}

// abandoned are the machines of the releases that went back to blue: none of
// theirs is open, and something of what was before them is. They are those up to
// the one that was found still; a newer one may be at work.
func (f fleet) abandoned(still mark) fleet {
	var out fleet
	for _, mk := range f.marks() {
		if green := f.green(mk.id); mk.id <= still.id && len(green.open()) == 0 && (len(f.blue(mk).open()) > 0 || len(f.blue(mk)) == 0) {
			out = append(out, green...)
		}
	}
	return out
}

// predecessor is the one generation that can take green's place again: it
// drains, nothing else does, and no machine of it has gone. A group that it never
// had, as its own mark shows, is not missed.
func (s standing) predecessor() (fleet, error) {
	if s.at != drains {
		return nil, refuse("nothing to roll back to: no older release is still draining")
	}
	blue := s.blue.cordoned()
	id := generation(blue[0])
	if slices.ContainsFunc(blue, func(m flyctl.Machine) bool { return generation(m) != id }) {
		return nil, refuse("several releases drain, so it is unclear which one to go back to")
	}
	mk, marked := markOf(blue[0])
	if marked && len(blue) < mk.machines {
		return nil, refuse("release %s is no longer whole: %d of its %d machines are left", mk.id, len(blue), mk.machines)
	}
	count := func(f fleet) map[place]int {
		n := map[place]int{}
		for _, m := range f {
			n[place{m.Group(), m.Region}]++
		}
		return n
	}
	have := count(blue)
	for p, n := range count(s.green.open()) {
		if have[p] < n && (!marked || hasGroup(blue, p.group)) {
			return nil, refuse("the release before is no longer whole: it has %d machines in %s, and green has %d", have[p], p, n)
		}
	}
	return blue, nil
}

// uncordonCommands are the commands for a person who has to decide.
func uncordonCommands(app string, ms fleet) (commands []string) {
	for _, m := range ms {
		commands = append(commands, fmt.Sprintf("%s  # group %s in %s, release %q", machineCommand("uncordon", app, m.ID), flyctl.Printable(m.Group()), flyctl.Printable(m.Region), generation(m)))
	}
	return commands
}
