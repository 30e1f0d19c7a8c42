package idle

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

const (
	slowest      = time.Minute      // two looks are at most so far apart while nothing changes
	absent       = 10 * time.Second // a machine that no list shows is gone after so long
	regionAbsent = 10 * time.Minute // the same, where lists lack its whole region (infra log of April 2026)
	killTimeout  = 5 * time.Second  // Fly's default for a stop
)

// Watch is a wait for machines of one app. Add the machines; then, each time Next
// has come, hand it a list, and readings of the machines that it asks about.
type Watch struct {
	Limit     int           // a machine with at most so many connections is idle
	SoftLimit bool          // each machine's own soft_limit in place of Limit
	Workers   bool          // a probe counts the work of machines without services; else they are idle
	Settle    time.Duration // after a cordon, before a reading counts
	Confirm   time.Duration // between an idle reading and the one that confirms it
	Deadline  time.Duration // after the cordon; 0 is none
	From      time.Time     // deadlines count from here at the earliest: the end of the bake time
	Within    time.Duration // from the creation of a release's last machine to the end of its bake time, at most; 0 is not known
	Stop      bool          // stop a machine at its deadline; else keep it
	Pause     time.Duration // between two such stops in a place
	Spread    time.Duration // until a cordon is known everywhere
	Command   time.Duration // how long the drain command of a machine takes at most; 0: there is none
	Poll      time.Duration // to the next look, after something has changed
	ListEvery time.Duration // between two lists that must agree
	News      []News        // what the last list or readings brought
	Told      fleet.List    // the drain command is to run in these now, by the last list
	Run       *Memory       // what the waits of one run share; nil if there is only this one
	machines  []*machine
	asked     []*machine    // those that the last list asks about
	list      fleet.List    // the last one
	rows      int           // on it
	pause     time.Duration // before the next round
	round     time.Time     // the next look at all that do not wait for a time of their own
}

// machine is a machine that is waited for.
type machine struct {
	row      *fleet.Machine // its newest
	cordoned time.Time      // since then, as far as this run has seen, and never earlier than it was
	from     time.Time      // its deadline counts from then: the same, as far as is known of the time before
	opened   time.Time      // last shown uncordoned
	lost     time.Time      // first shown cordoned on a host that Fly cannot reach, and by no whole row before
	late     *News          // its time is up, and it waits for its turn to be stopped
	doubt    Verdict        // what lists say that is not believed yet
	lists    int            // in a row that say so
	since    time.Time      // the first of these
	idle     time.Time      // when the reading was taken that another must confirm
	read     string         // its last reading; "" before the first
	silent   int            // times in a row that a probe did not know
	next     time.Time      // when to look at it
	alone    bool           // not before then; else with all others too
}

// News is the end of the wait for a machine, or a reading unlike its last one, or both.
type News struct {
	Row     *fleet.Machine // its newest; only the ID if there was none
	Verdict Verdict        // "" while it is waited for
	Changed bool           // the reading is unlike the last one
	Reading probe.Reading
	Limit   int       // with at most so many connections it is idle
	Until   time.Time // its deadline, or Never
}

// Verdict is how the wait for a machine ends. All but Idle and Stop leave it as it is.
type Verdict string

const (
	Idle      Verdict = "idle"       // stop and destroy it
	Stop      Verdict = "stop"       // the same, though it is not idle at its deadline
	Keep      Verdict = "keep"       // it is not idle at its deadline
	Gone      Verdict = "gone"       // somebody has destroyed it
	Refused   Verdict = "refused"    // "fly deploy" did not create it, or it was never cordoned, as far as is known
	TakenBack Verdict = "taken back" // somebody has uncordoned it
)

// tell notes that something has changed: that brings the next round near.
func (w *Watch) tell(m *machine, n News, now time.Time) {
	n.Row = m.row
	w.News = append(w.News, n)
	if n.Verdict != "" {
		w.machines = slices.DeleteFunc(w.machines, func(o *machine) bool { return o == m })
	}
	w.pause, w.round = w.Pace(), earlier(w.round, now.Add(w.Pace()))
}

func earlier(a, b time.Time) time.Time { return slices.MinFunc([]time.Time{a, b}, time.Time.Compare) }

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

// Memory is what the waits of one run for machines of one app share.
type Memory struct {
	Seen    map[string]time.Time    // since when a machine is cordoned; zero if it was last seen uncordoned
	Told    map[string]bool         // machines in which the drain command has been run
	Stopped map[fleet.Place]Stopped // the last at its deadline
}

// NewMemory returns that of a run that begins.
func NewMemory() *Memory {
	return &Memory{map[string]time.Time{}, map[string]bool{}, map[fleet.Place]Stopped{}}
}

// Date notes since when a machine is cordoned, zero if that is not known: then it is now,
// as it is where since is to come, or the machine was seen uncordoned.
func (m *Memory) Date(id string, since, now time.Time) {
	seen, known := m.Seen[id]
	switch {
	case !known && !since.IsZero():
		m.Seen[id] = earlier(since, now)
	case seen.IsZero():
		m.Seen[id] = now
	}
}

// Never is a time that does not come.
var Never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Pace returns the shortest pause between two rounds: in a poll time 20 machines are
// asked about, most often by a flyctl process each, and 100 listed, at most.
func (w *Watch) Pace() time.Duration {
	return max(w.Poll, w.Poll*time.Duration(len(w.machines))/20, w.Poll*time.Duration(w.rows)/100)
}

// Stopped is the last machine of a place that was stopped at its deadline.
type Stopped struct {
	ID    string
	At    time.Time
	Takes time.Duration // from its signal to its end, at most
}
