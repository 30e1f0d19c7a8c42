package drain

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// markEnv is the environment variable by which green is known. "fly deploy
// --env" is flyctl's only way to mark a machine at its creation; a clone, "fly
// secrets set" and "fly scale" keep it, a plain "fly deploy" drops it.
const markEnv = "FLYDRAIN"

// mark names a release, and says how large it is, so that a run that comes
// after can tell from the machine list alone what one that died left behind.
type mark struct {
	id       string // 20261122T201500Z-1f4ab12: UTC, the milliseconds in hex, and random characters
	apps     int    // how many apps are released together
	machines int    // how many green machines this app is to have
}

const markTime = "20060102T150405Z"

var markPattern = regexp.MustCompile(`^(\d{8}T\d{6}Z-[0-9a-f]{4,16})/([1-9]\d{0,5})/(\d{1,6})$`)

func (m mark) String() string { return fmt.Sprintf("%s/%d/%d", m.id, m.apps, m.machines) }

// time is when the release began. Blue was made before, or in that second.
func (m mark) time() time.Time {
	t, err := time.Parse(markTime, m.id[:len(markTime)])
	if err != nil { // the pattern lets a 13th month through
		return time.Time{}
	}
	return t
}

// markOf returns the release that made a machine, if one of ours did.
func markOf(m flyctl.Machine) (mark, bool) {
	match := markPattern.FindStringSubmatch(m.Config.Env[markEnv])
	if match == nil {
		return mark{}, false
	}
	apps, _ := strconv.Atoi(match[2])     // the pattern
	machines, _ := strconv.Atoi(match[3]) // says that these are numbers
	return mark{id: match[1], apps: apps, machines: machines}, true
}

// newMarkID names a release that begins now. Its time is not before the creation of
// any machine there is, nor of an earlier release, however wrong our clock may be.
func newMarkID(now time.Time, fleets ...fleet) string {
	order := now.Nanosecond() / int(time.Millisecond) // of two that begin in one second
	now = now.UTC().Truncate(time.Second)
	for _, f := range fleets {
		for _, m := range f {
			if m.CreatedAt.After(now) {
				now = m.CreatedAt.UTC().Truncate(time.Second)
			}
			if old, ok := markOf(m); ok && !old.time().Before(now) {
				now = old.time().Add(time.Second)
			}
		}
	}
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("%s-%03x%s", now.Format(markTime), order, hex.EncodeToString(random[:]))
}
