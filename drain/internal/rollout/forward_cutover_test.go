package rollout

import "testing"

func TestForwardCordonsBlueOnlyWhileGreenAloneHoldsTheFloor(t *testing.T) {
	stories(t, map[string]string{
		"F1: an uncordon that fails for good": whenHeld + `
			again → F7 uncordon g1 g2
			begin
			end uncordon g2
			end uncordon g1: no
			+1s list b1, b2, g1 cordoned, g2 → F9 uncordon g1
			begin
			end uncordon g1: no
			+1s again → F9 uncordon g1
			begin
			end uncordon g1: no
			again → F1 fail
			phase cutover
			says no
		`,
		"F1: a cordon that no list shows 15 seconds after its third success": whenCordoned + `
			+15s list b1, b2 cordoned, g1, g2 → F10
			+10s again → F13 cordon b1
			do
			+15s again → F13 cordon b1
			do
			+14s again → F14
			+1s again → F1 fail
			says success three times for cordon of machine b1
		`,
		"F1: a cordon is not held to have failed while its machine may have gone": whenCordoned + `
			+15s list b1, b2 cordoned, g1, g2 → F10
			+10s again → F13 cordon b1
			do
			+15s again → F13 cordon b1
			do
			+15s list b2 cordoned, g1, g2 → F11
			+1s list b1, b2 cordoned, g1, g2 → F1 fail
		`,
		"F8: green is ill for a minute, and blue would hold the floor": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 critical, g2 → F11
			+30s again → F11
			+29s again → F11
			+1s again → F8 fail
			phase cutover
			says one: machine g1 is started, but its check http is critical
			cause not healthy
		`,
		"F11: three lists of a minute on which it is another machine each time": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 critical, g2 → F11
			+30s list b1, b2, g1, g2 critical → F11
			+31s list b1, b2, g1 critical, g2 → F11
			+30s list b1, b2, g1, g2 → F11 for 400ms
			again → F13 …
		`,
		"F11: a minute of illness on two lists": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 critical, g2 → F11
			+1h again → F11
			again → F8 fail
		`,
		"F8: green was destroyed, for three lists": whenPromoted + `
			list b1, b2, g1, g2 → F10
			list b1, b2, g1 destroyed, g2 → F10
			again → F10
			again → F8 fail
			says one: machine g1 has gone
		`,
		"F13: blue was cordoned by somebody, and green alone holds the floor: on": whenPromoted + `
			list b1, b2, g1, g2 → F10
			list b1 critical cordoned, b2, g1, g2 → F10
			again → F10
			again → F10 for 8s
			+8s again → F13 cordon b2
			do
			list b1 critical cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
		`,
		"F13: green is ill and blue was destroyed, and green holds the floor that there is": promoted("", "b1, b2, b3 critical", "g1, g2, g3") + `
			+10s list b2, b3 critical, g1, g2, g3 critical, b1 destroyed → F11
			+30s again → F11
			+31s again → F11
			again → F13 cordon b2 b3
			do
			list b2 cordoned, b3 critical cordoned, g1, g2, g3 critical → F19 drain b2 b3
		`,
		"F8: neither is enough alone": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1 destroyed, b2, g1 critical, g2 → F11
			again → F11
			again → F8 person
			phase cutover
			says machine b1 was destroyed by somebody else, and neither blue nor green is enough alone
		`,
		"F8: in one app of two green is ill": promoted("", "b1 | b2", "g1 | g2") + `
			+10s list b1, g1 | b2, g2 critical → F11
			+30s again → F11
			+30s again → F8 fail
			says two: machine g2
		`,
		"F8: a machine that somebody created": whenPromoted + `
			list b1, b2, g1, g2, n1 → F10
			again → F10
			again → F8 fail
			says machine n1 was created by somebody else
		`,
		"F9: what is not shown uncordoned is uncordoned again after 15 seconds": whenPromoted + `
			list b1, b2, g1, g2 cordoned → F9
			+14s again → F9 uncordon g2
		`,
		"F8: somebody has cordoned green, for three lists": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 cordoned, g2 → F10
			again → F10
			again → F8 fail
			says machine g1 was cordoned by somebody else
			cause changed by somebody else
		`,
		"F11: a worker of green is ill": promoted("", "b1, b2 worker", "g1, g2 worker") + `
			+10s list b1, b2 worker, g1, g2 worker starting → F11
			again → F11
		`,
		"F10: green is shown cordoned, and then uncordoned again": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+1m list b1, b2, g1 cordoned, g2 → F10
			again → F10
			list b1, b2, g1, g2 → F10
			+10s again → F13 …
		`,
		"F11: somebody else's machine or cordon, when no time is to pass": `
			deploy spread=0 from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			do
			list b1, b2, g1 cordoned, g2 cordoned → F4
			+15s again → F7 uncordon g1 g2
			do
			list b1, b2, g1, g2 → F11
			list b1, b2, g1, g2, n1 → F11
			list b1, b2, g1, g2, n1 destroyed → F11
			list b1 cordoned, b2, g1, g2, n1 destroyed → F11
			again → F11
			list b1, b2, g1, g2, n1 destroyed → F11
			again → F13 cordon b1 b2
		`,
		"F10 F13: the time counts from the list that showed the last change": whenPromoted + `
			+20s list b1, b2, g1, g2 cordoned → F9 uncordon g2
			do
			+2s list b1, b2, g1, g2 → F10 for 10s
			+10s again → F13 …
		`,
		"F11: no time to wait": `
			deploy spread=0 from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F7 uncordon g1
			do
			list b1, g1 → F11
			again → F13 cordon b1
		`,
		"F11: green well on one list, and then not": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1, g2 critical → F11
			list b1, b2, g1, g2 → F11
			again → F13 …
		`,
		"F13: green that was stopped by the proxy is well now": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1, g2 stopped autostart → F13 cordon b1 b2
		`,
		"F8: green that cannot be reached for a minute is not well": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1, g2 unreachable → F11
			+30s again → F11
			+29s again → F11
			list b1, b2, g1, g2 → F11
			+1m list b1, b2, g1, g2 unreachable → F11
			+30s again → F11
			+30s again → F8 fail
			says one: machine g2 is on a host that is unreachable
		`,
		"F11: a list that lacks green is waited for": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 → F11
			+14s again → F11
			list b1, b2, g1, g2 → F11
			again → F13 …
		`,
		"F8: what a list has lacked for 15 seconds has gone": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 → F11
			+15s again → F11
			again → F11
			again → F8 fail
			says machine g2 has gone
		`,
		"F11: a region that is missing whole has not gone for ten minutes": promoted("", "b1, b2 lhr", "g1, g2 lhr") + `
			+10s list b1, g1 → F11
			+599s again → F11
			+1s again → F11
			again → F11
			again → F8 person
		`,
		"F11: an empty list is never believed": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list → F11
			+1h again → F11
			again → F11
			again → F11
			again → F11
			list b1, b2, g1, g2 → F11
			again → F13 …
		`,
		"F13: blue that cannot be reached is left, and named": whenPromoted + `
			list b1 unreachable, b2, g1, g2 → F10
			+10s again → F13 cordon b2
			do
			list b1 unreachable, b2 cordoned, g1, g2 → F10
			+10s again → F14
			+38s again → F14
			again → F19 drain b2
			do
			list b1 unreachable, g1, g2 → F20 draining
			says old machines are left
		`,
		"F13: blue whose row is thin on a few lists is cordoned when it shows": whenPromoted + `
			list b1 thin, b2, g1, g2 → F10
			+10s again → F13 cordon b2
			do
			list b1 thin, b2 cordoned, g1, g2 → F10
			+10s list b1, b2 cordoned, g1, g2 → F13 cordon b1
			do
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
		`,
		"F13: nothing is cordoned until green of all apps holds the floor": promoted("", "b1 | b2", "g1 | g2") + `
			+10s list b1, g1 | b2, g2 critical → F11
			again → F11
			list b1, g1 | b2, g2 → F11
			again → F13 cordon b1, two/cordon b2
		`,
		"F13: blue is cordoned with the stragglers that the floor does not need": `
			deploy from u1
			list u1 → F4 deploy#1
			do
			list u1, g1 cordoned → F5
			again → F7 uncordon g1
			do
			list u1, g1, s1 of=3 → F10
			+10s again → F13 cordon s1 u1
		`,
		"F14: some of blue is not shown cordoned": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			+10s again → F14
			says wait until the machine list shows blue cordoned
			+5s again → F13 cordon b2
		`,
		"F19: blue that somebody uncordons again is not cordoned twice": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			list b1, b2 cordoned, g1, g2 → F19 drain b2
		`,
		"F11 F19: green is ill on the list that shows blue cordoned": whenCordoned + `
			list b1 cordoned, b2 cordoned, g1 critical, g2 → F10
			+10s again → F11
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
		`,
		"F8: a person is needed, and what is under way is waited for": whenHeld + `
			again → F7 uncordon g1 g2
			begin
			end uncordon g1
			list b1 destroyed, b2, g1, g2 cordoned → F9
			again → F9
			again → F8
			says neither blue nor green is enough alone: nothing more is changed; the commands under way must end first
			end uncordon g2
			again → F8 person
			cause changed by somebody else
		`,
		"F8: blue that somebody else cordoned does not": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1 cordoned, b2, g1 critical, g2 → F10
			again → F10
			again → F8 person
		`,
		"F11: a machine of blue that needs one more list to be gone": promoted("", "b1, b2, b3 critical", "g1, g2, g3") + `
			+10s list b1, b2, b3 critical, g1, g2, g3 destroyed → F11
			again → F11
			again → F8 fail
		`,
		"F13: green without checks need not run for the smoke time again": `
			deploy smoke=30s from b1 plain
			list b1 plain → F4 deploy#1
			do
			list b1 plain, g1 plain cordoned start=1000 → F5
			+30s again → F5
			again → F7 …
			do
			list b1 plain, g1 plain start=1000 → F10
			+10s list b1 plain, g1 plain start=2000 → F13 …
		`,
		"F8: surplus is not promoted in place of what has gone": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1
			do
			list b1, g1, g2 cordoned → F10
			list b1, g1 destroyed, g2 cordoned → F10
			again → F10
			again → F8 fail
		`,
		"F10: surplus that somebody destroys is not missed": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1
			do
			list b1, g1, g2 cordoned → F10
			list b1, g1, g2 destroyed → F10
			again → F10
			again → F10
			+8s again → F13 …
		`,
		"F13: blue that somebody cordoned and uncordoned is cordoned": whenPromoted + `
			list b1, b2, g1, g2 → F10
			list b1 cordoned, b2, g1, g2 → F10
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon b1 b2
		`,
		"F8: blue has to be no more than it was": `
			deploy from b1, b2 critical
			list b1, b2 critical → F4 …
			do
			list b1, b2 critical, g1 cordoned, g2 cordoned → F5
			again → F7 …
			do
			list b1, b2 critical, g1, g2, n1 → F10
			again → F10
			again → F8 fail
		`,
	})
}
