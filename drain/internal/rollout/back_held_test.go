package rollout

import "testing"

// undoneAsItIsMade is a release that fails as somebody changes blue, while its deploy
// creates a machine that no list shows.
const undoneAsItIsMade = `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			list b1 cordoned, b2 → F4
			again → F4
			again → F3 fail
			turn
			end deploy#1 made g1
			again → B4 cordon g1
`

func TestBackRemovesGreenThatWasNeverPromoted(t *testing.T) {
	stories(t, map[string]string{
		"B8 B9: green that never could have served is destroyed at once": `
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
			phase drain
			says remove green: 1 machine
			do
			list b1 → B9 undone
			says is started, but its check http is critical
		`,
		"B8: a worker that ran drains, as it may have work": `
			deploy from b1 worker
			list b1 worker → F4 deploy#1
			do
			list b1 worker, g1 worker → F2 cordon g1
			do
			list b1 worker, g1 worker stopped cordoned exit=1 → F5 start g1
			+5s again → F5 start g1
			+5s again → F5 start g1
			again → F5 start g1
			+5m again → F5 fail
			turn
			again → B8 drain g1
		`,
		"B8: what may yet be shown never to have served is waited for": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 starting → F2 cordon g1
			do
			list b1, g1 starting cordoned → F5
			list b1 cordoned, g1 starting cordoned → F5
			again → F5
			again → F3 fail
			turn
			again → B8
			+4s again → B8
			+3s again → B8 destroy g1
		`,
		"B8: green drains for at most the health timeout": illAndHeld + `
			again → B8 drain g1 g2
			begin
			+299s again → B8
			+1s again → B8 cancel drain g1 g2
			do
			again → B9 left
		`,
		"B8: or for five minutes where there is none": `
			deploy timeout=0 check from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F6 check
			begin
			end check: no
			again → F1 fail
			turn
			again → B8 drain g1 for 5m0s
			begin
			+5m again → B8 cancel drain g1
			do
			again → B9 left
		`,
		"B1: what Forward has under way is ended first": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			list b1 cordoned, b2 → F4
			again → F4
			again → F3 fail
			turn
			again → B1 cancel deploy#1
			phase cutover
			says end the commands under way
			again → B1 cancel deploy#1
			do
			again → B8
			says no more green machines appear
			again → B9 undone
			says was cordoned by somebody else
		`,
		"B4: green that appears after that is held": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			list b1 cordoned, b2 → F4
			again → F4
			again → F3 fail
			turn
			again → B1 cancel deploy#1
			do
			list b1 cordoned, b2, g1 → B4 cordon g1
			says hold green
			begin
			again → B4
			end cordon g1
			list b1 cordoned, b2, g1 cordoned → B8
			says no more green machines appear
			again → B8
			again → B8 drain g1
		`,
		"B4: a machine that flyctl named is held by its id, listed or not": undoneAsItIsMade + `
			do
			again → B9 left
			says was cordoned by somebody else
		`,
		"B9: unless there is no such machine": undoneAsItIsMade + `
			begin
			end cordon g1: missing
			again → B9 undone
		`,
		"B9: a hold that failed for good is left, and a person is needed": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1 cordoned, g1 → F2 cordon g1
			begin
			again → F2
			again → F2
			end cordon g1: no
			+1s again → F2 cordon g1
			begin
			end cordon g1: no
			+1s again → F2 cordon g1
			begin
			end cordon g1: no
			again → F1 fail
			turn
			again → B9 person
		`,
		"B8: nothing is uncordoned that somebody else had cordoned": whenCreated + `
			list b1 cordoned, b2, g1 cordoned, g2 cordoned → F5
			again → F5
			again → F3 fail
			turn
			again → B8 …
		`,
		"B9: green that cannot be reached is left": illAndHeld + `
			list b1, b2, g1 cordoned, g2 unreachable → B8 drain g1
			do
			list b1, b2, g2 unreachable → B9 left
		`,
		"B9: a machine that has appeared, and that no row says anything of, may be green": `
			deploy from b1, x8 thin
			list b1, x8 thin → F4 deploy#1
			begin
			end deploy#1: no
			list b1, x8 thin, x9 thin → F4
			interrupted → interrupt left
			+3s again → F4 fail
			turn
			again → B9 left
		`,
		"B9: one that was there before is not": `
			deploy from b1, x8 thin
			list b1, x8 thin → F4 deploy#1
			begin
			end deploy#1: no
			again → F4
			interrupted → interrupt undone
			+3s again → F4 fail
			turn
			again → B9 undone
		`,
		"B9: of another run's release nobody knows what was there before": `
			resume from b1, g1 cordoned, x9 thin
			list b1, g1 cordoned, x9 thin → B8
			again → B8
			again → B8 drain g1
			do
			list b1, x9 thin → B9 left
		`,
		"B9: a green machine that could not be destroyed is left": illAndHeld + `
			again → B8 drain g1 g2
			begin
			end drain g1
			end drain g2: no
			list b1, b2, g2 cordoned → B9 left
		`,
		"B9: what the last list lacks may be left": illAndHeld + `
			again → B8 drain g1 g2
			begin
			end drain g1
			end drain g2: no
			list b1, b2 → B9 left
		`,
		"B8: a standby goes before the machine that it stands in for": `
			deploy check from b1 worker, b2 worker stopped standby=b1
			list b1 worker, b2 worker stopped standby=b1 → F4 deploy#1
			do
			list b1 worker, b2 worker stopped standby=b1, g1 worker cordoned, g2 worker stopped cordoned standby=g1 → F5
			again → F6 check
			begin
			end check: no
			again → F1 fail
			turn
			+5s again → B8
			+4s again → B8 destroy g2
		`,
		"B4: a machine that is not listed, and cannot be held, is left": undoneAsItIsMade + `
			begin
			end cordon g1: no
			+1s again → B4 cordon g1
			begin
			end cordon g1: no
			+1s again → B4 cordon g1
			begin
			end cordon g1: no
			again → B9 left
			says these machines of green could not be cordoned, and may serve: g1
		`,
	})
}
