package fleet

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// MarkEnv is the environment variable by which a release is known. "fly deploy
// --env" is flyctl's only way to mark a machine when it is created. A clone, "fly
// secrets set" and "fly scale" keep it; a plain "fly deploy" drops it.
const MarkEnv = "FLYDRAIN"

// Mark names a release and says how large it is, so that a later run can tell
// from the machine list alone what one that died left behind.
type Mark struct {
	ID       string // 20261122T201500Z-1f4ab12: UTC, the milliseconds in hex, and random characters
	Apps     int    // how many apps are released together
	Machines int    // how many green machines this app has
}

// TimeFormat is the layout of the time in a release id.
const TimeFormat = "20060102T150405Z"

func (m Mark) String() string { return fmt.Sprintf("%s/%d/%d", m.ID, m.Apps, m.Machines) }

// ParseMark reads a mark. One of a time that cannot be is none.
func ParseMark(s string) (Mark, bool) {
	id, sizes, _ := strings.Cut(s, "/")
	apps, machines, _ := strings.Cut(sizes, "/")
	mk := Mark{ID: id, Apps: number(apps), Machines: number(machines)}
	return mk, validID(id) && mk.Apps >= 1 && mk.Machines >= 0
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

// NewID names a release that begins now. Its time is at least the creation of
// every machine there, and one second after every mark there, so ids order as
// text however wrong our clock is.
func NewID(now time.Time, lists ...List) string {
	order := now.Nanosecond() / int(time.Millisecond) // of two that begin in one second
	at := now.UTC().Truncate(time.Second)
	for _, m := range slices.Concat(lists...) {
		if m.CreatedAt.After(at) {
			at = m.CreatedAt.UTC().Truncate(time.Second)
		}
		if !m.Mark.Time().Before(at) {
			at = m.Mark.Time().Add(time.Second)
		}
	}
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("%s-%03x%s", at.Format(TimeFormat), order, hex.EncodeToString(random[:]))
}

// Newest returns the newest release that has managed machines, or none.
func (l List) Newest() Mark {
	if marks := l.Marks(); len(marks) > 0 {
		return marks[0]
	}
	return Mark{}
}

// Marks returns the releases that have managed machines, newest first.
func (l List) Marks() []Mark {
	var out []Mark
	for _, m := range l.Managed() {
		if m.Mark.ID != "" && !slices.ContainsFunc(out, func(o Mark) bool { return o.ID == m.Mark.ID }) {
			out = append(out, m.Mark)
		}
	}
	slices.SortFunc(out, func(a, b Mark) int { return cmp.Compare(b.ID, a.ID) })
	return out
}
