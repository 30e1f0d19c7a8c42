package rollout

import "testing"

// An interrupt never changes the goal: what is half done is made whole.
func TestTheLastCommandsAfterAnInterruptFinishWhatIsHalfDone(t *testing.T) {
	stories(t, map[string]string{
		"nothing was looked at": `
			deploy from b1
			interrupt →
		`,
		"not promoted: green is held": whenCreated + `
			list b1, b2, g1, g2 cordoned → F2
			interrupt → cordon g1
			says hold green
			interrupted → interrupt left
		`,
		"not promoted: also what flyctl named": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			end deploy#1 made g1
			again → F2 cordon g1
			interrupt → cordon g1
		`,
		"not promoted, and nothing was created": `
			deploy from b1
			list b1 → F4 deploy#1
			interrupt →
			interrupted → interrupt undone
		`,
		"a machine that flyctl named is not listed": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			end deploy#1 made g1
			interrupted → interrupt left
		`,
		"promoted, no blue cordoned, and blue holds the floor: green is cordoned": whenPromoted + `
			list b1, b2, g1, g2 → F10
			interrupt → cordon g1 g2
			says cordon green
			interrupted → interrupt left
		`,
		"promoted, and blue does not hold the floor: green is left": whenPromoted + `
			list b1, b2 critical, g1, g2 → F10
			interrupt →
			interrupted → interrupt left
		`,
		"promoted by another run, and blue is less than what serves of green: green is left": `
			resume from b1, g1, g2
			list b1, g1, g2 → F10
			interrupt →
		`,
		"some blue cordoned, and green holds the floor: the rest is cordoned": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon b1 b2
			begin
			end cordon b1
			list b1 cordoned, b2, g1, g2 → F10
			interrupt → cordon b2
			says cordon the rest of blue
			interrupted → interrupt left
			list b1 cordoned, b2 cordoned, g1, g2 → F10
			interrupted → interrupt draining
		`,
		"blue cordoned, and green is not well": whenCordoned + `
			list b1 cordoned, b2 cordoned, g1 critical, g2 → F10
			interrupted → interrupt left
			interrupt → uncordon b1 b2
		`,
		"some blue cordoned, and green does not hold it: blue is uncordoned": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon b1 b2
			begin
			end cordon b1
			list b1 cordoned, b2, g1 critical, g2 → F10
			interrupt → uncordon b1 b2
			says uncordon blue
		`,
		"some blue cordoned, and blue holds the floor without it: green is not cordoned": `
			deploy from b1, b2, b3 critical
			list b1, b2, b3 critical → F4 deploy#1
			do
			list b1, b2, b3 critical, g1 cordoned, g2 cordoned, g3 cordoned → F5
			again → F7 …
			do
			list b1, b2, b3, g1, g2, g3 → F10
			+10s again → F13 cordon b1 b2 b3
			do
			list b1 cordoned, b2, b3, g1, g2, g3 → F10
			interrupt → cordon b2 b3
		`,
		"once the release stands, the drain is left at once": whenOver + `
			interrupt →
			interrupted → interrupt draining
		`,
		"so is DrainOnly": `
			drain from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → D3 drain b1
			interrupt →
			interrupted → interrupt draining
		`,
		"in Back from a cutover, blue is uncordoned, and green is left": illAndCordoned + `
			list b1 cordoned, b2, g1 critical, g2 → B2 uncordon b1 b2
			interrupt → uncordon b1 b2
			says uncordon blue
			interrupted → interrupt left
		`,
		"also when blue alone would be enough, and another run began it": `
			resume from b1, b2, g1, g2
			list b1, b2, g1, g2 → B6
			interrupt →
			interrupted → interrupt left
		`,
		"in Back of another run, what it had cordoned": `
			resume from b1, b2 cordoned, g1, g2 cordoned
			list b1, b2 cordoned, g1, g2 cordoned → B2 uncordon b2
			interrupt → uncordon b2
			interrupted → interrupt left
		`,
		"in Back of another run, with nothing of green left": `
			resume from b1, g1 cordoned
			list b1 → B8
			interrupted → interrupt left
		`,
		"in Back before the promotion, green is held": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			list b1 cordoned, b2 → F4
			again → F4
			again → F3 fail
			turn
			list b1 cordoned, b2, g1 → B1 cancel deploy#1
			interrupt → cordon g1
			says hold green
		`,
		"Back is not over, though green would hold the floor": illAndCordoned + `
			again → B2 uncordon b1 b2
			do
			list b1 cordoned, b2 cordoned, g1, g2 → B2
			interrupt → uncordon b1 b2
			interrupted → interrupt left
		`,
		"a rollback that uncordoned nothing: green drains on": `
			rollback b1 from b1 cordoned, g1
			list b1 cordoned, g1 → F5
			interrupt →
			interrupted → interrupt draining
		`,
		"a rollback that did": `
			rollback b1 from b1 cordoned, g1
			list b1 cordoned, g1 → F5
			again → F7 uncordon b1
			do
			list b1, g1 → F10
			interrupted → interrupt left
			interrupt → cordon b1
			says cordon green
		`,

		"a release that stands is left, whatever somebody has done since": whenOver + `
			list b1, b2, g1 critical, g2 critical → F19
			interrupt →
			interrupted → interrupt draining
		`,
		"green is uncordoned by somebody before its promotion": `
			deploy from b1 worker
			list b1 worker → F4 deploy#1
			do
			list b1 worker destroyed, g1 worker → F2 cordon g1
			interrupted → interrupt left
			interrupt → cordon g1
		`,
	})
}
