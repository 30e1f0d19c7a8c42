package rollout

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
	"github.com/flydrain/flydrain/drain/internal/intent"
)

// A story is a run as a transcript: what lists showed and commands came to, and
// after each arrow what is decided. Its lines are
//
//	deploy [OPTIONS] from ROWS          a goal, with what was there when it began
//	rollback [OPTIONS] to IDS from ROWS
//	resume [OPTIONS] from ROWS          Intent's goal for these lists
//	drain [OPTIONS] from ROWS
//	[+TIME] list ROWS [→ DECISION]      after a second, or that time
//	[+TIME] again [→ DECISION]          the same list once more
//	decide → DECISION                   once more, without a new list
//	do                                  begin what was decided; all of it succeeds
//	begin                               begin it
//	end COMMAND[: ERROR] [made ID] [→ COMMANDS, then wait or list]
//	                                    one of those under way, and what follows at once
//	turn                                from Forward to Back, as was decided
//	says TEXT                           in the decision's reason
//	cause TEXT                          of the failure
//	phase NAME
//	interrupt → COMMANDS                the last ones
//	interrupted → RESULT
//
// ROWS are those of fleettest, with | between apps. A decision is its row, fail or
// a result, commands, and "for TIME" if it has an end (not compared if a story has
// none), or the begin of that with an ellipsis. A command is its verb and machine, after the app's name and a slash
// unless that is one.
type story struct {
	*testing.T
	line  string
	goal  facts.Goal
	facts facts.Facts
	lists []fleet.List
	shown string
	now   time.Time
	last  Decision
	rows  map[string]bool // that were decided
}

// appNames are those of a story's apps.
var appNames = []string{"one", "two", "three"}

// tell runs a story and holds it against its decisions.
func tell(t *testing.T, text string) *story {
	t.Helper()
	s := &story{T: t, now: fleettest.Epoch.Add(time.Hour), rows: map[string]bool{}}
	for line := range strings.Lines(text) {
		if s.line = strings.TrimSpace(line); s.line == "" || s.line[0] == '#' {
			continue
		}
		step, want, arrow := strings.Cut(s.line, "→")
		got := s.step(strings.TrimSpace(step))
		if want = strings.TrimSpace(want); !arrow {
			continue
		}
		if !strings.Contains(want, " for ") {
			got, _, _ = strings.Cut(got, " for ")
		}
		if some, more := strings.CutSuffix(want, " …"); more && strings.HasPrefix(got, some+" ") {
			continue
		}
		if got != want {
			t.Fatalf("%s\nis decided: %s (%s)", s.line, got, s.last.Why)
		}
	}
	return s
}

func (s *story) step(line string) string {
	pass := time.Second
	word, rest, _ := strings.Cut(line, " ")
	if word[0] == '+' {
		pass = span(word[1:])
		word, rest, _ = strings.Cut(rest, " ")
	}
	switch word {
	case "deploy", "rollback", "resume", "drain":
		options, rows, _ := strings.Cut(rest, "from ")
		s.begin(word, strings.Fields(options), rows)
	case "list", "again":
		if word == "list" {
			s.shown = rest
		}
		s.now = s.now.Add(pass)
		return s.list()
	case "decide":
		s.last = Decide(s.goal, s.lists, s.facts, s.now)
		s.rules()
		return describe(s.last, s.now)
	case "do", "begin":
		s.goal, s.facts = facts.Begin(s.goal, s.facts, s.last.Run, s.now)
		for _, c := range s.last.Cancel {
			err := flyctl.ErrInterrupted
			if c.Verb == fleet.Drain { // a wait, and no program that flyctl ends
				err = context.Canceled
			}
			s.facts = facts.End(s.goal, s.facts, c, "", err, s.now)
		}
		for _, c := range s.last.Run {
			if word == "do" {
				s.facts = facts.End(s.goal, s.facts, c, "", nil, s.now)
			}
		}
	case "end":
		return s.end(rest)
	case "turn":
		if !s.last.Fail {
			s.Fatalf("nothing has failed: %s", s.last.Why)
		}
		s.goal, s.facts = Turn(s.goal, s.facts, s.last, s.now)
	case "says":
		if !strings.Contains(s.last.Why, rest) {
			s.Errorf("%s\nit says %q", s.line, s.last.Why)
		}
	case "cause":
		if s.last.Cause == nil || !strings.Contains(s.last.Cause.Error(), rest) {
			s.Errorf("%s\nit is %v", s.line, s.last.Cause)
		}
	case "phase":
		if string(s.last.Phase) != rest {
			s.Errorf("%s\nit is %s", s.line, s.last.Phase)
		}
	case "interrupt":
		run, why := LastCommands(s.goal, s.lists, s.facts, s.now)
		if (why == "") != (len(run) == 0) && why == "" {
			s.Errorf("%s\nno reason for %v", s.line, run)
		}
		s.last = Decision{Run: run, Why: why}
		return commands(run)
	case "interrupted":
		return strings.TrimSpace(describe(Interrupted(s.goal, s.lists, s.facts, s.now), s.now))
	default:
		s.Fatalf("%s: no such step", s.line)
	}
	return ""
}

func span(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}

func (s *story) believe(rows string) []fleet.List {
	var lists []fleet.List
	for app := range strings.SplitSeq(rows, "|") {
		i := len(lists)
		lists = append(lists, fleet.Believe(fleettest.Rows(app), func(id string) *fleet.Machine {
			if s.facts.Apps == nil {
				return nil
			}
			return s.facts.Apps[i].Seen[id].Row
		}))
	}
	return lists
}

func (s *story) begin(word string, options []string, rows string) {
	s.facts = facts.Facts{}
	lists := s.believe(rows)
	g := facts.Goal{Spread: 10 * time.Second, Rollback: word == "rollback"}
	for i := range lists {
		g.Apps = append(g.Apps, facts.App{Name: appNames[i], HealthTimeout: 5 * time.Minute})
	}
	switch word {
	case "resume", "drain":
		in := intent.Of(g.Apps, lists, false)
		if len(in) != 1 {
			s.Fatalf("%s\nof %d releases", s.line, len(in))
		}
		in[0].Goal.Spread = g.Spread
		if g = in[0].Goal; word == "drain" {
			g.Aim, g.Promoted, g.Resumed = facts.DrainOnly, false, false
		}
	default:
		for i := range g.Apps {
			before := fleet.BeforeOf(lists[i])
			g.Apps[i].Before = &before
			if word == "deploy" {
				g.Apps[i].ID = fleettest.Release(2)
				g.Apps[i].Want = capacity.Wanted(lists[i].Pick(before.Blue), processes(lists[i]))
				g.Apps[i].Size = g.Apps[i].Want.Total()
			}
		}
	}
	for _, option := range options {
		s.option(&g, lists, option)
	}
	s.goal = g
}

// processes is a fly.toml with all groups that a list has.
func processes(l fleet.List) flyctl.AppConfig {
	cfg := flyctl.AppConfig{Processes: map[string]string{}}
	for _, m := range l.Managed() {
		cfg.Processes[m.Group()] = "run"
		if m.Autostarts() {
			cfg.Services = append(cfg.Services, flyctl.AppService{Processes: []string{m.Group()}, Autostart: true})
		}
	}
	return cfg
}

func (s *story) option(g *facts.Goal, lists []fleet.List, option string) {
	name, value, _ := strings.Cut(option, "=")
	switch name {
	case "check":
		g.Check = true
	case "background":
		g.Background = true
	case "heldonly":
		g.HeldOnly = true
	case "nowant": // green is there, and nothing is created
		for i := range g.Apps {
			g.Apps[i].Want = nil
		}
	case "wellonly":
		g.WellOnly = true
	case "stoplate":
		for i := range g.Apps {
			g.Apps[i].StopLate = true
		}
	case "bake":
		g.Bake = span(value)
	case "spread":
		g.Spread = span(value)
	case "to":
	case "timeout", "smoke", "within", "image", "release", "groups":
		for i := range g.Apps {
			a := &g.Apps[i]
			switch name {
			case "timeout":
				a.HealthTimeout = span(value)
			case "smoke":
				a.Smoke = span(value)
			case "within":
				a.Within = span(value)
			case "image":
				a.Image = true
			case "release":
				a.ReleaseCommand = true
			case "groups": // those of fly.toml
				cfg := flyctl.AppConfig{Processes: map[string]string{}}
				for group := range strings.SplitSeq(value, "+") {
					cfg.Processes[group] = "run"
				}
				a.Want = capacity.Wanted(lists[i].Pick(a.Before.Blue), cfg)
				a.Size = a.Want.Total()
			}
		}
	default: // a machine that a rollback goes to
		for i, l := range lists {
			if !l.Has(option) {
				continue
			}
			g.Apps[i].Older = append(g.Apps[i].Older, option)
			return
		}
		s.Fatalf("%s\nno machine and no option: %s", s.line, option)
	}
}

func (s *story) list() string {
	lists := s.believe(s.shown)
	s.facts = Observe(s.goal, s.facts, lists, s.now.Add(-100*time.Millisecond), s.now)
	s.lists = lists
	s.last = Decide(s.goal, lists, s.facts, s.now)
	s.rules()
	return describe(s.last, s.now)
}

// rules are what holds for each decision.
func (s *story) rules() {
	d := s.last
	s.rows[d.Row] = true
	if d.Row == "" || d.Why == "" || d.Phase == "" {
		s.Errorf("%s\na decision without row, reason or phase: %+v", s.line, d)
	}
	if (d.Fail || d.Done != None) && len(d.Run) > 0 {
		s.Errorf("%s\nat the end it runs %s", s.line, commands(d.Run))
	}
	if d.Fail && (d.Done != None || s.goal.Aim != facts.Forward) {
		s.Errorf("%s\nit fails, and is done or turns again", s.line)
	}
	if d.Fail && d.Cause == nil {
		s.Errorf("%s\nit fails without a cause: %s", s.line, d.Why)
	}
	on := map[string]bool{}
	for _, c := range d.Run {
		i := slices.Index(appNames, c.App)
		if c.Machine == "" || c.Creates() {
			continue
		}
		if on[c.Machine] {
			s.Errorf("%s\ntwo commands on %s", s.line, c.Machine)
		}
		on[c.Machine] = true
		m := s.lists[i].Find(c.Machine)
		if m != nil && !m.Managed() && !slices.Contains(s.facts.Apps[i].Made, m.ID) {
			s.Errorf("%s\na command on %s, which is not known to be managed", s.line, c.Machine)
		}
		for f := range s.facts.Flying {
			if f.App == c.App && f.Machine == c.Machine && !f.Creates() && !slices.Contains(d.Cancel, f) {
				s.Errorf("%s\n%s is under way on %s", s.line, f.Verb, c.Machine)
			}
		}
	}
}

func (s *story) end(rest string) string {
	rest, made, _ := strings.Cut(rest, " made ")
	text, failure, failed := strings.Cut(rest, ": ")
	err := failures[failure]
	if failed && err == nil {
		s.Fatalf("%s: no such error", s.line)
	}
	for c := range s.facts.Flying {
		if commands([]fleet.Command{c}) == text {
			s.facts = facts.End(s.goal, s.facts, c, made, err, s.now)
			hold, wait := AfterEnd(s.goal, s.lists, s.facts, c, s.now)
			if s.last.Run = hold; wait {
				return strings.TrimSpace(commands(hold) + " wait")
			}
			return strings.TrimSpace(commands(hold) + " list")
		}
	}
	var under []string
	for c := range s.facts.Flying {
		under = append(under, commands([]fleet.Command{c}))
	}
	s.Fatalf("%s\nnot under way; those are: %s", s.line, strings.Join(under, ", "))
	return ""
}

// named is how a story says which rows of the tables it is about: "F1 F2: …".
var named = regexp.MustCompile(`^((?:[FBDI]\d+ ?)+): `)

// stories tells each story under its name, and holds it to the rows that it names.
func stories(t *testing.T, all map[string]string) {
	t.Helper()
	for name, text := range all {
		t.Run(name, func(t *testing.T) {
			s := tell(t, text)
			if rows := named.FindStringSubmatch(name); rows != nil {
				for row := range strings.FieldsSeq(rows[1]) {
					if !s.rows[row] {
						t.Errorf("%s is not decided", row)
					}
				}
			}
		})
	}
}
