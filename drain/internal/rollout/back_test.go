package rollout

import "testing"

// Beginnings of stories that turn back.
const (
	illAndHeld = whenCreated + `
		list b1, b2, g1 cordoned critical, g2 cordoned critical → F5
		+5m again → F5
		+1s again → F5 fail
		turn
	`
	illAndPromoted = whenPromoted + `
		list b1, b2, g1, g2 → F10
		+10s list b1, b2, g1 critical, g2 → F11
		+30s again → F11
		+30s again → F8 fail
		turn
	`
	illAndCordoned = whenCordoned + `
		list b1 cordoned, b2, g1 critical, g2 → F10
		+30s again → F11
		+30s again → F8 fail
		turn
	`
	illAndUncordoning = whenCordoned + `
		# no list has shown the cordons yet
		list b1, b2, g1 critical, g2 → F11
		+30s again → F11
		+30s again → F8 fail
		turn
		again → B2 uncordon b1 b2
	`
)

func TestBackUncordonsBlueBeforeItCordonsGreen(t *testing.T) {
	stories(t, map[string]string{
		"B5 B8 B9: nothing was cordoned yet": illAndPromoted + `
			again → B6 for 5m0s
			says blue alone is enough, seen twice in a row
			again → B5 cordon g1 g2
			phase cutover
			says cordon green: blue alone is enough
			begin
			again → B5
			end cordon g1
			end cordon g2
			list b1, b2, g1 critical cordoned, g2 cordoned → B8
			phase cutover
			again → B8
			again → B8 drain g1 g2
			phase drain
			do
			list b1, b2 → B9 undone
		`,
		"B5 B9: green that lists lack, or show thin, may serve once its uncordon was given": whenHeld + `
			again → F7 uncordon g1 g2
			begin
			list b1, b2, g1 critical cordoned, g2 cordoned → F9
			+30s again → F9
			+30s again → F8 fail
			turn
			end uncordon g1
			end uncordon g2
			list b1, b2, g1 thin → B6
			again → B5 cordon g1 g2
			do
			list b1, b2, g1 thin → B9 left
		`,
		"B2: what a later list shows of earlier machines does not make blue of them": `
			resume from e1 cordoned, b1, b2 cordoned, g1, g2 critical cordoned
			list e1 cordoned, g1, g2 critical cordoned → B6
			+15s again → B6
			list e1 cordoned, b2 cordoned, g1, g2 critical cordoned → B2 uncordon b2
		`,
		"B8 B9: green that could serve is kept where nothing else does": illAndHeld + `
			list b1 cordoned, b2 cordoned, g1 cordoned critical, g2 cordoned → B8
			again → B8
			again → B8 drain g1
			do
			+30s list b1 cordoned, b2 cordoned, g2 cordoned → B8
			+30s again → B9 person
			says one: nothing serves in group app in iad
		`,
		"B2 B3 B5: blue is uncordoned, and known everywhere, before green is cordoned": illAndCordoned + `
			again → B2 uncordon b1 b2
			says uncordon blue again: 2 machines
			begin
			again → B2
			end uncordon b2
			again → B2
			end uncordon b1
			list b1, b2, g1 critical, g2 → B3 for 10s
			says wait 10s for routing
			+9s again → B3 for 1s
			+1s again → B5 cordon g1 g2
			do
			list b1, b2, g1 critical cordoned, g2 cordoned → B8
			again → B8
			again → B8 drain g1 g2
		`,
		"B1: a cordon that is under way": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon b1 b2
			begin
			list b1, b2, g1 critical, g2 → F11
			+30s again → F11
			+30s again → F8 fail
			turn
			again → B1 cancel cordon b1 b2
			do
			again → B2 uncordon b1 b2
		`,
		"B6 B7: blue is not enough, within the health timeout": illAndPromoted + `
			list b1, b2 critical, g1 critical, g2 → B6
			+10s again → B6
			+288s again → B6
			+1s again → B6
			+1s again → B7 person
			phase cutover
			says blue alone is not enough, so green serves beside it: one: machine g1 is started, but its check http is critical
		`,
		"B6: blue is enough on one list, and then not": illAndPromoted + `
			again → B6
			list b1, b2 critical, g1 critical, g2 → B6
			list b1, b2, g1 critical, g2 → B6
			again → B5 cordon g1 g2
		`,
		"B6: the time counts from when blue is uncordoned": illAndCordoned + `
			again → B2 uncordon b1 b2
			do
			+4m list b1, b2, g1 critical, g2 → B3
			+10s list b1, b2 critical, g1 critical, g2 → B6 for 4m50s
			+289s again → B6
			+1s again → B7 person
		`,
		"B6: an app whose blue is not enough keeps green of all": promoted("", "b1 | b2", "g1 | g2") + `
			+10s list b1, g1 | b2, g2 critical → F11
			+30s again → F11
			+30s again → F8 fail
			turn
			list b1, g1 | b2 critical, g2 → B6
			again → B6
			list b1, g1 | b2, g2 → B6
			again → B5 cordon g1, two/cordon g2
		`,
		"B2: what somebody has done to it since is left": illAndCordoned + `
			again → B2 uncordon b1 b2
			do
			list b1, b2, g1 critical, g2 → B3
			list b1 cordoned, b2, g1 critical, g2 → B3
			+10s again → B6
		`,
		"B2: blue that cannot be reached is not insisted on": illAndCordoned + `
			list b1 unreachable, b2, g1 critical, g2 → B2 uncordon b2
			do
			list b1 unreachable, b2, g1 critical, g2 → B3
			+10s again → B6
		`,
		"B2: an uncordon that no list shows is given again after 15 seconds": illAndCordoned + `
			again → B2 uncordon b1 b2
			do
			list b1 cordoned, b2, g1 critical, g2 → B2
			+13s again → B2
			+1s again → B2 uncordon b1
			do
			+15s again → B2 uncordon b1
			do
			+15s again → B6
		`,
		"B9: blue that could not be uncordoned: a person": promoted("", "b1 worker", "g1 worker") + `
			+10s again → F13 cordon b1
			begin
			list b1 worker cordoned, g1 worker destroyed → F10
			again → F10
			again → F8 fail
			turn
			again → B1 cancel cordon b1
			do
			again → B2 uncordon b1
			begin
			end uncordon b1: no
			+1s again → B2 uncordon b1
			begin
			end uncordon b1: no
			+1s again → B2 uncordon b1
			begin
			end uncordon b1: no
			again → B9 person
		`,
		"B9: green that could not be cordoned again: a person": illAndPromoted + `
			again → B6
			again → B5 cordon g1 g2
			begin
			end cordon g2
			end cordon g1: no
			+1s list b1, b2, g1 critical, g2 cordoned → B5 cordon g1
			begin
			end cordon g1: no
			+1s again → B5 cordon g1
			begin
			end cordon g1: no
			again → B8 drain g2
			do
			list b1, b2, g1 critical → B9 person
		`,
		"B8: promoted green always drains": illAndPromoted + `
			list b1, b2, g1 critical, g2 → B6
			again → B5 …
			do
			list b1, b2, g1 critical cordoned, g2 cordoned → B8
			+1m again → B8
			again → B8 drain g1 g2
		`,
		"B9: a rollback that fails drains on": `
			rollback b1 from b1 cordoned, g1
			list b1 cordoned, g1 → F5
			again → F7 uncordon b1
			do
			list b1, g1 → F10
			+10s list b1 critical, g1 → F11
			+30s again → F11
			+30s again → F8 fail
			turn
			again → B6
			again → B5 cordon b1
			do
			list b1 critical cordoned, g1 → B8
			again → B8
			again → B9 draining
		`,
		"B9: a rollback that failed before anything was uncordoned": `
			rollback b1 from b1 cordoned critical, g1
			list b1 cordoned critical, g1 → F5
			+5m again → F5
			+1s again → F5 fail
			phase gate
			turn
			again → B9 draining
		`,
		"B2: a release that stood and does not serve is taken back": whenOver + `
			begin
			list b1 cordoned, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 fail
			turn
			again → B1 cancel drain b1 b2
			do
			again → B2 uncordon b1 b2
		`,

		"B6: decided at once after the turn": illAndPromoted + `
			decide → B6
		`,
		"B9: blue that somebody has cordoned since stays as it is": promoted("", "b1 worker", "g1 worker") + `
			+10s again → F13 cordon b1
			begin
			list b1 worker cordoned, g1 worker destroyed → F10
			again → F10
			again → F8 fail
			turn
			again → B1 cancel cordon b1
			do
			again → B2 uncordon b1
			do
			list b1 worker → B8
			list b1 worker cordoned → B8
			again → B8
			again → B9 undone
		`,
		"B8: the time for drains counts from when green is cordoned": illAndPromoted + `
			+4m again → B6
			again → B5 cordon g1 g2
			do
			list b1, b2, g1 critical cordoned, g2 cordoned → B8
			+30s again → B8
			+30s again → B8 drain g1 g2 for 4m0s
		`,
		"F1 B2 B9: blue is leased to somebody else, so its cordon is refused for two minutes": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon b1 b2
			begin
			end cordon b1: lease
			end cordon b2
			list b1, b2 cordoned, g1, g2 → F10
			+2m again → F1 fail
			turn
			again → B2 uncordon b1 b2
			begin
			end uncordon b1: lease
			end uncordon b2
			list b1, b2, g1, g2 → B2 uncordon b1
			begin
			end uncordon b1: lease
			+2m again → B5 cordon g1 g2
			do
			list b1, b2, g1 cordoned, g2 cordoned → B8
			again → B8
			again → B8 drain g1 g2
			do
			list b1, b2 → B9 undone
		`,
	})
}

func TestBackOfAnotherRunUncordonsWhatListsShowCordonedOfBlue(t *testing.T) {
	stories(t, map[string]string{
		"B2: what a list shows cordoned of blue is uncordoned": `
			resume from b1, b2 cordoned, g1, g2 cordoned
			list b1, b2 cordoned, g1, g2 cordoned → B2 uncordon b2
			do
			list b1, b2, g1, g2 cordoned → B3
			+10s again → B5 cordon g1
			do
			list b1, b2, g1 cordoned, g2 cordoned → B8
			again → B8
			again → B8 drain g1 g2
			do
			list b1, b2 → B9 undone
			says an unfinished release was undone
		`,
		"B8 B9: earlier machines stay as they are": `
			resume from e1 cordoned, b1, g1 cordoned, g2 cordoned
			list e1 cordoned, b1, g1 cordoned, g2 cordoned → B8
			again → B8
			again → B8 drain g1 g2
			do
			list e1 cordoned, b1 → B9 undone
		`,
		"B5: nothing of blue is cordoned": `
			resume from b1, b2, g1, g2
			list b1, b2, g1, g2 → B6
			again → B5 cordon g1 g2
		`,
		"B5: green that another run uncordoned waits until blue alone holds the floor": `
			resume from b1, b2 cordoned, g1
			list b1, b2 cordoned, g1 → B2 uncordon b2
			do
			list b1, b2, g1 → B3 for 10s
			+10s again → B5 cordon g1
		`,
		"B8: green of another run may have served": `
			resume from b1, g1 cordoned starting
			list b1, g1 cordoned starting → B8
			+20s again → B8
			+20s again → B8 drain g1
		`,

		"B9: what cannot be uncordoned is for a person": `
			resume from b1 worker, b2 worker cordoned, g1 worker cordoned
			list b1 worker, b2 worker cordoned, g1 worker cordoned → B2 uncordon b2
			begin
			end uncordon b2: no
			+1s again → B2 uncordon b2
			begin
			end uncordon b2: no
			+1s again → B2 uncordon b2
			begin
			end uncordon b2: no
			+5s again → B8 drain g1
			do
			list b1 worker, b2 worker cordoned → B9 person
			says an unfinished release could not be undone
		`,
	})
}
