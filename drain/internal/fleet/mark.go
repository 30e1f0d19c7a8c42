package fleet

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// MarkEnv is the environment variable by which a release is known. "fly deploy
// --env" is flyctl's only way to mark a machine when it is created. A clone, "fly
// secrets set" and "fly scale" keep it; a plain "fly deploy" drops it.
const MarkEnv = "FLYDRAIN"

// Mark names a release and says how large it is, and what served before, so that a later
// run can tell from the machine list alone what one that died left behind, and where a
// rollback goes.
type Mark struct {
	ID       string // 20261122T201500Z-1f4ab12: UTC, the milliseconds in hex, and random characters
	Apps     int    // how many apps are released together
	Machines int    // how many green machines this app has
	Names    string // of the apps, with a slash between two; "" where there is but one, or they are not known
	Over     string // the release that it took over from, or NoRelease; "" is not known
}

// NoRelease is what a mark says where no release of ours served before.
const NoRelease = "none"

// TimeFormat is the layout of the time in a release id.
const TimeFormat = "20060102T150405Z"

// NewMark returns the mark of an app's machines in a release of these apps, after the
// release before, "" if that is none of ours.
func NewMark(id string, apps []string, machines int, before string) Mark {
	mk := Mark{ID: id, Apps: len(apps), Machines: machines, Over: cmp.Or(before, NoRelease)}
	if len(apps) > 1 {
		mk.Names = strings.Join(apps, "/")
	}
	return mk
}

func (m Mark) String() string {
	text := fmt.Sprintf("%s/%d/%d", m.ID, m.Apps, m.Machines)
	if m.Names != "" {
		text += "/" + m.Names
	}
	if m.Over != "" {
		text += over + m.Over
	}
	return text
}

const over = "/over=" // no app is called so

// ParseMark reads a mark. It refuses one with an impossible time.
func ParseMark(s string) (Mark, bool) {
	s, before, told := strings.Cut(s, over)
	id, sizes, _ := strings.Cut(s, "/")
	apps, sizes, _ := strings.Cut(sizes, "/")
	machines, names, named := strings.Cut(sizes, "/")
	mk := Mark{ID: id, Apps: number(apps), Machines: number(machines), Names: names, Over: before}
	return mk, validID(id) && mk.Apps >= 1 && mk.Machines >= 0 && (!named || strings.Count(names, "/")+1 == mk.Apps) && (!told || before == NoRelease || validID(before))
}

// validID reports whether id is one that newer ids can be compared with as text.
func validID(id string) bool {
	at, random, _ := strings.Cut(id, "-")
	if len(at) != len(TimeFormat) || len(random) < 4 || len(random) > 16 || strings.Trim(random, "0123456789abcdef") != "" {
		return false
	}
	t, err := time.Parse(TimeFormat, at)
	return err == nil && t.Year() < tooLate
}

// tooLate is a year that no release begins in, however wrong a clock is: a mark of
// that time or later is not ours, as ids would soon have no time after it.
const tooLate = 3000

// number reads a plain number of at most six digits, and returns -1 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 6 || strings.HasPrefix(s, "+") {
		return -1
	}
	return n
}

func markOf(m flyctl.Machine) Mark {
	if mk, ok := ParseMark(m.Config.Env[MarkEnv]); ok {
		return mk
	}
	return Mark{}
}

// Time is when the release began. Blue was created before that, or in that second.
func (m Mark) Time() time.Time {
	t, _ := time.Parse(TimeFormat, m.ID[:min(len(m.ID), len(TimeFormat))]) // ParseMark has tried it
	return t
}
