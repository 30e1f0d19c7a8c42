package rollout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/intent"
)

// Whatever the lists show, and whatever commands come to, a decision keeps the rules
// that hold for each of them, and touches nothing that is not the release's.
func TestWhateverListsShowADecisionKeepsTheRules(t *testing.T) {
	for seed := range uint64(runsOfAnything) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			s := &story{T: t, now: epoch, rows: map[string]bool{}}
			apps := 1 + r.IntN(2)
			first := anyRows(r, apps, "u e b", "g n s x")
			begin := []string{"deploy from", "deploy check smoke=30s bake=1m from", "deploy image from", "resume from", "drain from", "rollback to b1 from"}[r.IntN(6)]
			if strings.HasPrefix(begin, "res") || strings.HasPrefix(begin, "dr") {
				first = anyRows(r, apps, "u e b g", "n s x")
			}
			if !s.canBegin(begin, first) {
				return
			}
			s.line = begin + " " + first
			s.step(s.line)
			for range 25 {
				s.line = fmt.Sprintf("+%v list %s", pick(r, time.Second, 5*time.Second, 20*time.Second, time.Minute, time.Hour), anyRows(r, apps, "u e b g", "n s x"))
				if r.IntN(3) == 0 && s.shown != "" {
					s.line = "again"
				}
				s.step(s.line)
				s.neverTouched()
				switch {
				case s.last.Fail:
					s.step("turn")
				case s.last.Done != None:
					return
				case r.IntN(4) > 0:
					s.step(pick(r, "do", "begin"))
				}
				for c := range s.facts.Flying {
					if r.IntN(2) == 0 {
						err := failures[pick(r, "transient", "missing", "no", "canceled")]
						if r.IntN(3) > 0 {
							err = nil
						}
						made := ""
						if c.App == "one" && c.Creates() {
							made = pick(r, "", "g1", "n1")
						}
						s.facts = facts.End(s.goal, s.facts, c, made, err, s.now)
					}
				}
				s.step("interrupt")
				s.neverTouched()
				s.step("interrupted")
			}
		})
	}
}

const runsOfAnything = 100

func pick[T any](r *rand.Rand, some ...T) T { return some[r.IntN(len(some))] }

// anyRows are rows of some kinds of machines, and sometimes of others.
func anyRows(r *rand.Rand, apps int, often, seldom string) string {
	var lists []string
	for a := range apps {
		var rows []string
		for _, kind := range strings.Fields(often + " " + seldom) {
			for n := range 2 {
				likely := 2
				if strings.Contains(seldom, kind) {
					likely = 12
				}
				if r.IntN(likely) == 0 {
					continue
				}
				if likely > 2 && r.IntN(3) > 0 {
					continue
				}
				id := fmt.Sprintf("%s%d", kind, 2*a+n+1)
				words := []string{"", "", "", " cordoned", " cordoned", " critical", " cordoned critical", " lhr", " worker", " worker cordoned",
					" stopped", " stopped autostart", " unreachable", " thin", " destroyed", " starting cordoned", " worker stopped standby=b1", " plain start=5"}
				rows = append(rows, id+pick(r, words...))
			}
		}
		lists = append(lists, strings.Join(rows, ", "))
	}
	return strings.Join(lists, " | ")
}

// canBegin reports whether a goal can be made of what is there.
func (s *story) canBegin(begin, rows string) bool {
	lists := s.believe(rows)
	switch {
	case strings.HasPrefix(begin, "rollback"):
		return lists[0].Managed().Has("b1")
	case strings.HasPrefix(begin, "resume"), strings.HasPrefix(begin, "drain"):
		ins := intent.Of(make([]facts.App, len(lists)), lists, false)
		return len(ins) == 1 && !ins[0].Rest && ins[0].Person == ""
	}
	return true
}

// neverTouched holds the decision against S3, and earlier machines against B2.
func (s *story) neverTouched() {
	for _, c := range s.last.Run {
		if c.Machine == "" {
			continue
		}
		i := slices.Index(appNames, c.App)
		if c.Machine[0] == 'x' {
			s.Errorf("%s\n%s", s.line, commands(s.last.Run))
		}
		a := s.goal.Apps[i]
		if c.Verb == fleet.Uncordon && a.Before != nil && slices.Contains(a.Before.Others, c.Machine) && !slices.Contains(a.Older, c.Machine) {
			s.Errorf("%s\nan earlier machine: %s", s.line, commands(s.last.Run))
		}
		if m := s.lists[i].Find(c.Machine); m != nil && (c.Verb == fleet.Drain || c.Verb == fleet.Destroy) && (m.Thin || !m.Cordoned) {
			s.Errorf("%s\nnot shown cordoned: %s", s.line, commands(s.last.Run))
		}
	}
}
