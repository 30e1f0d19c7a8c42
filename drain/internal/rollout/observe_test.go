package rollout

import "testing"

// B1: what a list lacks.
func TestAShortListCreatesNothingAndUndoesNothing(t *testing.T) {
	stories(t, map[string]string{
		"F4: the first list lacks what was there a moment ago": `
			deploy from b1, b2
			list b1 → F4
			says fewer machines than there were: wait up to 15s
			+14s again → F4
			+1s again → F4 fail
			cause changed by somebody else
		`,
		"F4: or shows only that it is there": `
			deploy from b1, b2
			list b1, b2 thin → F4 deploy#1
		`,
		"F11: blue that is missing waits for another list": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, g1, g2 → F11
			again → F11
			list b1, b2, g1, g2 → F11
			again → F13 …
		`,
		"F11: also where another run began it": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			list b1 cordoned, g1, g2 → F10
			+10s again → F11
			again → F11
			list b1 cordoned, b2, g1, g2 → F11
			again → F13 cordon b2
		`,
		"F10: it is not over while blue is missing": whenCordoned + `
			list b1 cordoned, g1, g2 → F10
			list b1 cordoned, b2, g1, g2 → F10
			list b1 cordoned, b2 cordoned, g1, g2 → F19 …
		`,
		"F19: blue that is missing once it was cordoned, and that we have not destroyed": whenOver + `
			begin
			end drain b1
			end drain b2: canceled
			list g1, g2 → F19
			+14s again → F19
			+1s again → F20 reached
		`,
		"F19: what somebody else destroyed is not waited for": whenOver + `
			begin
			end drain b1
			end drain b2: canceled
			list b2 destroyed, g1, g2 → F20 reached
			list g1, g2 → F20 reached
		`,
		"F7: earlier machines that are missing are not": `
			deploy from e1 cordoned, b1
			list e1 cordoned, b1 → F4 deploy#1
			do
			list e1 cordoned, b1, g1 cordoned → F5
			list b1, g1 cordoned → F7 uncordon g1
		`,
		"F19: green that is missing is waited for": whenOver + `
			do
			list g1 → F19
			list g1, g2 → F20 reached
		`,
		"F19: an empty list says nothing of what serves": whenOver + `
			list → F19
			+2m again → F19
			again → F19
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
		`,
		"F20: but after ten minutes the rest is left": whenOver + `
			do
			list → F19
			+599s again → F19
			+1s again → F20 draining
		`,
		"F4: a machine that flyctl named, without our mark": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			end deploy#1 made n1
			list b1, b2, n1 cordoned → F4 clone#2 n1 app iad
			list b1, b2 → F4
			says fewer machines than there were
		`,
		"F5: in a rollback, what is to serve": `
			rollback b1 b2 from b1 cordoned, b2 cordoned, g1
			list b1 cordoned, b2 cordoned, g1 → F5
			list b1 cordoned, g1 → F5
			again → F5
			list b1 cordoned, b2 cordoned, g1 → F5
			again → F7 uncordon b1 b2
		`,
		"B9: what the last list lacks of blue is not known to serve": illAndHeld + `
			again → B8 …
			do
			list b1 → B9 left
		`,
	})
}

// B2: what a thin row does not say.
func TestAThinRowSaysNothingNew(t *testing.T) {
	stories(t, map[string]string{
		"F5: blue that was cordoned on one list, and could not be reached on two": whenCreated + `
			list b1 cordoned, b2, g1 cordoned critical, g2 cordoned → F5
			list b1 unreachable, b2, g1 cordoned critical, g2 cordoned → F5
			again → F5
			list b1 cordoned, b2, g1 cordoned critical, g2 cordoned → F5
			again → F5
			again → F3 fail
		`,
		"F5: what was stopped and cannot be reached is not started": whenCreated + `
			list b1, b2, g1 stopped cordoned, g2 cordoned → F5 start g1
			list b1, b2, g1 unreachable, g2 cordoned → F5
			says is on a host that is unreachable
		`,
		"B2: blue is not restored by a row that says nothing": illAndUncordoning + `
			do
			list b1 unreachable, b2, g1 critical, g2 → B3
			list b1 cordoned, b2, g1 critical, g2 → B2
			+20s again → B2 uncordon b1
		`,
		"B3: and what was uncordoned before is, once a good row shows it": illAndUncordoning + `
			do
			list b1 unreachable, b2, g1 critical, g2 → B3
			list b1, b2, g1 critical, g2 → B3 for 10s
		`,
	})
}

// B3: an answer that contradicts the list is asked again.
func TestACommandIsForgottenWhenAListShowsWhatItWasFor(t *testing.T) {
	stories(t, map[string]string{
		"F5: a hold that failed, and has landed": whenCreated + `
			list b1, b2, g1, g2 → F2
			+14s again → F2 cordon g1 g2
			begin
			end cordon g1: transient
			end cordon g2: no
			list b1, b2, g1 cordoned critical, g2 cordoned → F5
			+4m again → F5
			list b1, b2, g1 cordoned, g2 → F2 cordon g2
			begin
			end cordon g2: no
			+1s again → F2 cordon g2
			begin
			end cordon g2: no
			list b1, b2, g1 cordoned, g2 cordoned → F5
			again → F7 …
		`,
		"F2: a machine that is not found, and was listed": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1, g2 → F2 cordon g1 g2
			begin
			end cordon g1: missing
			end cordon g2
			list b1, b2, g2 cordoned → F2 cordon g1
			says hold green
		`,
		"F9: an uncordon that failed, and has landed": whenHeld + `
			again → F7 uncordon g1 g2
			begin
			end uncordon g1
			end uncordon g2: no
			+1s again → F9 uncordon g2
			begin
			end uncordon g2: no
			list b1, b2, g1, g2 → F10
			list b1, b2, g1, g2 cordoned → F9 uncordon g2
			begin
			end uncordon g2: no
			+1s again → F9 uncordon g2
		`,
		"B5: a cordon of Back that failed, and has landed": illAndPromoted + `
			again → B6
			again → B5 cordon g1 g2
			begin
			end cordon g1
			end cordon g2: no
			+1s again → B5 cordon g2
			begin
			end cordon g2: no
			list b1, b2, g1 critical cordoned, g2 cordoned → B8
			list b1, b2, g1 critical cordoned, g2 → B5 cordon g2
			begin
			end cordon g2: no
			+1s again → B5 cordon g2
		`,
		"F5: a start that was given to a machine that is missing since": whenCreated + `
			list b1, b2, g1 stopped cordoned, g2 cordoned → F5 start g1
			do
			list b1, b2, g2 cordoned → F4
			list b1, b2, g1 cordoned, g2 cordoned → F5
		`,
		"F5: three starts that fail are not a failure of their own": whenCreated + `
			list b1, b2, g1 stopped cordoned, g2 cordoned → F5 start g1
			begin
			end start g1: no
			+5s again → F5 start g1
			begin
			end start g1: no
			+5s again → F5 start g1
			begin
			end start g1: no
			+5s again → F5
			says machine g1 of one is stopped
			+5m again → F5 fail
			cause not healthy
		`,
		"B2: an uncordon that fails is given up, though the list is from before the cordon": illAndUncordoning + `
			begin
			end uncordon b1
			end uncordon b2: no
			list b1, b2, g1 critical, g2 → B2 uncordon b2
			begin
			end uncordon b2: no
			+1s again → B2 uncordon b2
			begin
			end uncordon b2: no
			+8s again → B3
			again → B5 cordon g1 g2
		`,
		"F2: while a hold is under way nothing else of green is decided": whenCreated + `
			+15s again → F2 cordon g1 g2
			begin
			list b1, b2, g1 cordoned, g2 cordoned → F2
			again → F2
			end cordon g1
			again → F2
			end cordon g2
			again → F7 …
		`,
		"F2: a clone that is under way does not keep its source from being held": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			list b1, b2, g1 → F2 cordon g1
		`,
		"F2: a hold that is under way does not keep its machine from being cloned": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 → F2 clone#2 g1 app iad, cordon g1
			begin
			end clone#2 g1 app iad: no
			+3s again → F2 clone#3 g1 app iad
		`,
		"F2: a machine that flyctl names twice is one": `
			deploy from b1, b2, b3
			list b1, b2, b3 → F4 deploy#1
			do
			list b1, b2, b3, g1 cordoned → F4 clone#2 g1 app iad, clone#3 g1 app iad
			begin
			end clone#2 g1 app iad made g2
			end clone#3 g1 app iad made g2
			again → F2 cordon g2
		`,
		"F2: green that a list lacks is held by its id, once": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			end deploy#1 made g1
			list b1, b2, g1 → F2 clone#2 g1 app iad, cordon g1
			list b1, b2 → F2 cordon g1
			list b1, b2, g1 cordoned → F4 …
			list b1, b2 → F4
		`,
		"F2: also when flyctl did not name it": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned, g2 → F2 cordon g2
			list b1, b2, g1 cordoned → F2 cordon g2
			list b1, b2 → F2 cordon g2
		`,

		"F3: a hold of a machine that is gone has not failed": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1, g2 cordoned → F2 cordon g1
			begin
			end cordon g1: no
			+1s again → F2 cordon g1
			begin
			end cordon g1: no
			+1s again → F2 cordon g1
			begin
			end cordon g1: no
			list b1, b2, g1 destroyed, g2 cordoned → F5
			again → F5
			again → F3 fail
			says machine g1 has gone
		`,
		"F1: an uncordon of one has": whenHeld + `
			again → F7 uncordon g1 g2
			begin
			end uncordon g1
			end uncordon g2: no
			+1s list b1, b2, g1, g2 cordoned → F9 uncordon g2
			begin
			end uncordon g2: no
			+1s again → F9 uncordon g2
			begin
			end uncordon g2: no
			list b1, b2, g1, g2 destroyed cordoned → F1 fail
		`,
		"F1: an uncordon of one that lists lack has, once they are believed": whenHeld + `
			again → F7 uncordon g1 g2
			begin
			end uncordon g1
			end uncordon g2: no
			+1s list b1, b2, g1, g2 cordoned → F9 uncordon g2
			begin
			end uncordon g2: no
			+1s again → F9 uncordon g2
			begin
			end uncordon g2: no
			list b1, b2, g1 → F10
			+14s again → F11
			+1s again → F1 fail
			says no
		`,
	})
}
