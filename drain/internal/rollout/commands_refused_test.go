package rollout

import (
	"strings"
	"testing"
)

// refused is a command that is refused some times, a second apart, and is decided
// again each time.
func refused(times int, command, failure, row string) string {
	return strings.Repeat(`
		begin
		end `+command+`: `+failure+`
		+1s again → `+row+` `+command, times)
}

// neverCouldServe is green that failed, and is destroyed.
const neverCouldServe = `
	deploy from b1
	list b1 → F4 deploy#1
	do
	+1s list b1, g1 starting → F2 cordon g1
	do
	+1s list b1, g1 starting cordoned → F5
	+5s list b1, g1 critical cordoned → F5
	+5s again → F5
	again → F5
	+5m again → F5 fail
	turn
	again → B8 destroy g1
`

// B3: an answer that contradicts the list is asked again, and is never success.
func TestAnAnswerThatContradictsTheListIsAskedAgain(t *testing.T) {
	stories(t, map[string]string{
		"F9 F19: an uncordon": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F7 uncordon g1` +
			refused(8, "uncordon g1", "missing", "F9") + refused(8, "uncordon g1", "state", "F9") + `
			do
			list b1, g1 → F10
			+10s again → F13 cordon b1
			do
			list b1 cordoned, g1 → F19 drain b1
		`,
		"F13 F19: a cordon": promoted("", "b1", "g1") + `
			+10s again → F13 cordon b1` +
			refused(8, "cordon b1", "missing", "F13") + refused(1, "cordon b1", "state", "F13") + `
			do
			list b1 cordoned, g1 → F19 drain b1
		`,
		"F4: a clone, for two minutes": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			end clone#2 g1 app iad: missing
			+3s again → F4 clone#3 g1 app iad
			begin
			end clone#3 g1 app iad: state
			+3s again → F4 clone#4 g1 app iad
			begin
			end clone#4 g1 app iad: missing
			+3s again → F4 clone#5 g1 app iad
			begin
			end clone#5 g1 app iad: missing
			+110s again → F4 clone#6 g1 app iad
			begin
			end clone#6 g1 app iad: missing
			+3s again → F4 fail
			says 5 clones failed
		`,
		"F5: a start that is refused says nothing of health": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 stopped cordoned → F5 start g1` + strings.Repeat(`
			begin
			end start g1: state
			+5s again → F5 start g1`, 8) + `
			list b1, g1 cordoned → F5
			again → F7 uncordon g1
		`,
		"B8 B9: a destroy, for two minutes": neverCouldServe + `
			begin
			end destroy g1: state
			+1s again → B8 destroy g1
			begin
			end destroy g1: state
			+117s again → B8 destroy g1
			begin
			+5s again → B8
			end destroy g1: state
			again → B9 left
		`,
		"B8 B9: and three times for what does not pass": neverCouldServe + `
			begin
			end destroy g1: no
			+1s again → B8 destroy g1
			begin
			end destroy g1: no
			+1s again → B8 destroy g1
			begin
			end destroy g1: no
			again → B9 left
		`,
		"F5: nor does one that is refused for good": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 stopped cordoned → F5 start g1
			begin
			end start g1: no
			+5s again → F5 start g1
			begin
			end start g1: no
			+5s again → F5 start g1
			begin
			end start g1: no
			+5s again → F5
			list b1, g1 cordoned → F5
			again → F7 uncordon g1
		`,
	})
}

// Only green's first uncordon promotes it.
func TestBacksUncordonsPromoteNothing(t *testing.T) {
	s := tell(t, `
		resume from b1, b2 cordoned, g1, g2 cordoned
		list b1, b2 cordoned, g1, g2 cordoned → B2 uncordon b2
		do
	`)
	if s.goal.Promoted {
		t.Error("it is promoted")
	}
	if s := tell(t, whenPromoted); !s.goal.Promoted {
		t.Error("green's uncordon does not promote it")
	}
}
