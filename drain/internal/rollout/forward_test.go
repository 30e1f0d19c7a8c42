package rollout

import "testing"

// Beginnings of stories.
const (
	whenCreated = `
		deploy from b1, b2
		list b1, b2 → F4 deploy#1
		do
		list b1, b2, g1, g2 → F2 cordon g1 g2
		do
	`
	whenHeld = whenCreated + `
		list b1, b2, g1 cordoned, g2 cordoned → F5
	`
	whenPromoted = whenHeld + `
		again → F7 uncordon g1 g2
		do
	`
	whenCordoned = whenPromoted + `
		list b1, b2, g1, g2 → F10
		+10s again → F11
		again → F13 cordon b1 b2
		do
	`
	whenOver = whenCordoned + `
		list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
	`
)

func TestForwardFromNothingToTheEnd(t *testing.T) {
	stories(t, map[string]string{
		"F2 F4 F5 F7 F9 F10 F11 F13 F14 F19 F20: a release": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			phase prepare
			says create green of one
			begin
			again → F4
			list b1, b2, g1 starting → F2 clone#2 g1 app iad, cordon g1
			phase prepare
			says hold green
			begin
			again → F2
			end cordon g1
			end deploy#1 made g1
			list b1, b2, g1 starting cordoned → F4
			says 1 of 2 are there
			end clone#2 g1 app iad made g2
			again → F2 cordon g2
			begin
			list b1, b2, g1 cordoned, g2 starting → F2
			end cordon g2
			list b1, b2, g1 cordoned, g2 starting cordoned → F5 for 5m0s
			phase gate
			says wait until green is healthy: machine g2 of one is starting
			+10s list b1, b2, g1 cordoned, g2 cordoned critical → F5 for 4m50s
			says started, but its check http is critical
			+10s list b1, b2, g1 cordoned, g2 cordoned → F5 for 4m40s
			says two lists in a row
			again → F7 uncordon g1 g2
			phase cutover
			says all 2 healthy on 2 lists
			begin
			end uncordon g1
			again → F9
			end uncordon g2
			list b1, b2, g1, g2 cordoned → F9
			says not shown uncordoned
			list b1, b2, g1, g2 → F10 for 10s
			says wait 10s for routing
			+9s again → F10 for 1s
			+1s again → F11
			says green holds the floor alone on two lists
			again → F13 cordon b1 b2
			says 10s are over since routing changed
			begin
			end cordon b1
			list b1 cordoned, b2, g1, g2 → F10
			end cordon b2
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
			phase drain
			says drain 2 machines
			begin
			end drain b1
			list b2 cordoned, g1, g2 → F19
			says drain 1 machine,
			end drain b2
			list g1, g2 → F20 reached
		`,
		"F6: the Check is asked once, before the cutover": `
			deploy check from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F6 check
			phase gate
			begin
			again → F6
			+10m again → F6
			end check
			again → F7 uncordon g1
		`,
		"F6: a Check that says no": `
			deploy check from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F6 check
			begin
			end check: no
			again → F1 fail
			says the release's own check: no
		`,
		"F6: green is well, and no more was asked for": `
			deploy check wellonly from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F6 reached
		`,
		"F5: green is created and held, and no more was asked for": `
			deploy heldonly from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 critical → F2 cordon g1
			do
			list b1, g1 critical cordoned → F5 reached
		`,
	})
}

func TestForwardBeforeGreenIsPromoted(t *testing.T) {
	stories(t, map[string]string{
		"F1: an image that cannot be built is the end at once": `
			deploy image from b1, b2
			list b1, b2 → F4 build
			phase build
			begin
			again → F4
			end build: transient
			again → F1 fail
			phase build
			says a fault that may pass
		`,
		"F4: green is created with the image that was built": `
			deploy image from b1, b2
			list b1, b2 → F4 build
			do
			again → F4 deploy#1
			phase prepare
		`,
		"F4: images are built for all apps before anything is created": `
			deploy image from b1 | b2
			list b1 | b2 → F4 build, two/build
			begin
			end build
			again → F4
			end two/build
			again → F4 deploy#1, two/deploy#1
		`,
		"F1: a hold that fails three times": whenCreated + `
			list b1, b2, g1, g2 → F2
			+20s again → F2 cordon g1 g2
			begin
			end cordon g1: no
			end cordon g2
			list b1, b2, g1, g2 cordoned → F2 cordon g1
			begin
			end cordon g1: no
			again → F2 cordon g1
			begin
			end cordon g1: no
			again → F1 fail
			phase prepare
			says no
		`,
		"F1: a hold that no list shows 15 seconds after it succeeded a third time": whenCreated + `
			+15s again → F2 cordon g1 g2
			do
			+14s list b1, b2, g1, g2 cordoned → F2
			+1s again → F2 cordon g1
			do
			+14s again → F2
			+1s again → F1 fail
			says three times
			says cordon machine g1
		`,
		"F2: faults that pass are tried for two minutes": whenCreated + `
			list b1, b2, g1, g2 cordoned → F2
			+14s again → F2 cordon g1
			begin
			end cordon g1: transient
			+1s again → F2 cordon g1
			begin
			end cordon g1: rate
			+1s again → F2 cordon g1
			begin
			end cordon g1: lease
			+1s again → F2 cordon g1
			begin
			end cordon g1: state
			+1s again → F2 cordon g1
			begin
			end cordon g1: missing
			+1s again → F2 cordon g1
			begin
			end cordon g1: interrupted
			+99s again → F2 cordon g1
			begin
			end cordon g1: transient
			+1s again → F1 fail
		`,
		"F2: a command that was refused waits a second": whenCreated + `
			list b1, b2, g1, g2 cordoned → F2
			+14s again → F2 cordon g1
			begin
			end cordon g1: transient
			+999ms again → F2
			+1ms again → F2 cordon g1
		`,
		"F2: what a list shows done is forgotten, and done again when it is needed": whenCreated + `
			list b1, b2, g1 cordoned, g2 cordoned → F5
			list b1, b2, g1, g2 cordoned → F2 cordon g1
			do
			list b1, b2, g1 cordoned, g2 cordoned → F5
			list b1, b2, g1, g2 cordoned → F2 cordon g1
			do
			list b1, b2, g1 cordoned, g2 cordoned → F5
			list b1, b2, g1, g2 cordoned → F2 cordon g1
			do
			list b1, b2, g1 cordoned, g2 cordoned → F5
			+1h again → F7 uncordon g1 g2
		`,
		"F2: a straggler is held where the floor does not need it": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1 starting of=4, g1 starting cordoned, g2 starting cordoned → F2 cordon s1
		`,
		"F2: a straggler that the floor needs is left": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2 critical, s1 of=4, g1 starting cordoned, g2 starting cordoned → F5
		`,
		"F2: a straggler that was held and is uncordoned again: another run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1 starting of=4, g1 starting cordoned, g2 starting cordoned → F2 cordon s1
			do
			list u1, u2, s1 starting of=4 cordoned, g1 starting cordoned, g2 starting cordoned → F5
			list u1, u2, s1 starting of=4, g1 starting cordoned, g2 starting cordoned → F2 fail
			says another release is at work, and has uncordoned machine s1
		`,
		"F2: as many stragglers as their release has, up and uncordoned: another run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1, s2 critical, g1 cordoned, g2 cordoned → F2 cordon s1 s2
			begin
			list u1, u2, s1, s2, g1 cordoned, g2 cordoned → F2 fail
		`,
		"F2: a straggler that the floor needs shows no other run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2 critical, s1 of=1, g1 cordoned, g2 cordoned → F5
		`,
		"F3: blue was destroyed, for three lists": whenHeld + `
			list b1 destroyed, b2, g1 cordoned, g2 cordoned → F5
			again → F5
			again → F3 fail
			phase gate
			says one: machine b1 was destroyed by somebody else
		`,
		"F3: blue was cordoned, for three lists": whenCreated + `
			list b1 cordoned, b2, g1 cordoned critical, g2 cordoned → F5
			again → F5
			again → F3 fail
			says one: machine b1 was cordoned by somebody else
		`,
		"F5: blue was cordoned for two lists, and then another one": whenCreated + `
			list b1 cordoned, b2, g1 cordoned critical, g2 cordoned → F5
			again → F5
			list b1, b2, g1 cordoned critical, g2 cordoned → F5
			list b1 cordoned, b2, g1 cordoned critical, g2 cordoned → F5
			list b1, b2 cordoned, g1 cordoned critical, g2 cordoned → F5
			again → F5
			again → F3 fail
		`,
		"F3: somebody created a machine": whenCreated + `
			list b1, b2, g1 cordoned critical, g2 cordoned, n1 → F5
			again → F5
			again → F3 fail
			says machine n1 was created by somebody else
		`,
		"F3: while the image is built": `
			deploy image from b1, b2
			list b1, b2 → F4 build
			begin
			list b1 cordoned, b2 → F4
			again → F4
			again → F3 fail
			phase build
		`,
		"F5: blue that cannot be reached, or is ill, is not changed": whenCreated + `
			list b1 unreachable, b2 critical, g1 cordoned critical, g2 cordoned → F5
			again → F5
			again → F5
			+2m again → F5
		`,
		"F4: a list that lacks a machine is asked again, for 15 seconds": whenHeld + `
			list b1, g1 cordoned, g2 cordoned → F4 for 15s
			phase prepare
			says fewer machines than there were
			+14s again → F4 for 1s
			+1s again → F5
			again → F5
			again → F3 fail
			says machine b2 was destroyed
		`,
		"F4: a region that is missing whole is the end after 15 seconds": `
			deploy from b1, b2 lhr
			list b1, b2 lhr → F4 deploy#1
			do
			list b1, b2 lhr, g1 cordoned, g2 lhr cordoned → F5
			list b1, g1 cordoned → F4 for 15s
			+14s again → F4 for 1s
			+1s again → F4 fail
			says for 15s flyctl has listed fewer machines
		`,
		"F4: an empty list is the end after 15 seconds": whenHeld + `
			list → F4 for 15s
			+15s again → F4 fail
		`,
		"F4: nothing is created while the list is in doubt": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, g1 → F2 cordon g1
			do
			list b1, g1 cordoned → F4
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
		`,
		"F5: what the proxy stopped is started": whenCreated + `
			list b1, b2, g1 stopped cordoned, g2 cordoned → F5 start g1
			begin
			again → F5
			end start g1
			again → F5
			list b1, b2, g1 cordoned, g2 cordoned → F5
			list b1, b2, g1 suspended cordoned, g2 cordoned → F5 start g1
			begin
			end start g1: transient
			+4s again → F5
			+1s again → F5 start g1
		`,
		"F5: a standby is not started, and is well": `
			deploy from b1, b2 worker, b3 worker stopped standby=b2
			list b1, b2 worker, b3 worker stopped standby=b2 → F4 deploy#1
			do
			list b1, b2 worker, b3 worker stopped standby=b2, g1 cordoned, g2 cordoned worker, g3 cordoned worker stopped standby=g2 → F5
			again → F7 uncordon g1 g2 g3
		`,
		"F5: green that is not healthy when the time is over": whenCreated + `
			list b1, b2, g1 cordoned critical=refused, g2 cordoned → F5 for 5m0s
			+5m again → F5 for 0s
			+1s again → F5 fail
			phase gate
			says machine g1 of one (group app in iad) is started, but its check http is critical: refused, 5m0s after green was created
		`,
		"F5: the time counts from when all of green was there and held": whenCreated + `
			+1m list b1, b2, g1 cordoned starting, g2 → F2 cordon g2
			+1m list b1, b2, g1 cordoned starting, g2 cordoned → F5 for 5m0s
			says machine g1 of one is starting
		`,
		"F5: green without a limit": `
			deploy timeout=0 from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned silent → F5
			says not all of its checks have answered
			+100h again → F5
		`,
		"F5: green well on one list and then not": whenHeld + `
			list b1, b2, g1 cordoned, g2 cordoned warning → F5
			list b1, b2, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1 g2
		`,
		"F5: green on a host that cannot be reached is not well": whenHeld + `
			list b1, b2, g1 cordoned, g2 cordoned unreachable → F5
			says machine g2 of one is on a host that is unreachable
			again → F5
			list b1, b2, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1 g2
		`,
		"F5: a machine that was started three times more": whenCreated + `
			list b1, b2, g1 cordoned start=1000, g2 cordoned start=1000 → F5
			list b1, b2, g1 cordoned critical start=2000, g2 cordoned start=1000 → F5
			list b1, b2, g1 cordoned critical start=3000, g2 cordoned start=1000 → F5
			list b1, b2, g1 cordoned critical start=3000, g2 cordoned start=1000 → F5
			list b1, b2, g1 cordoned critical start=4000, g2 cordoned start=1000 → F5 fail
			says machine g1 of one does not stay up: it was started 4 times: see fly logs -a one --machine g1
		`,
		"F5: a machine without checks has to run for the smoke time": `
			deploy smoke=30s from b1 plain
			list b1 plain → F4 deploy#1
			do
			list b1 plain, g1 plain starting cordoned → F5
			list b1 plain, g1 plain cordoned start=1000 → F5
			says has not run for 30s yet
			+29s again → F5
			list b1 plain, g1 plain cordoned start=2000 → F5
			+29s again → F5
			list b1 plain, g1 plain cordoned start=2000 → F5
			again → F7 uncordon g1
		`,
		"F5: a machine with checks has not": `
			deploy smoke=30s from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F7 uncordon g1
		`,
		"F5: nor has a standby, that does not run": `
			deploy smoke=30s from b1, b2 worker, b3 worker stopped standby=b2
			list b1, b2 worker, b3 worker stopped standby=b2 → F4 deploy#1
			do
			list b1, b2 worker, b3 worker stopped standby=b2, g1 cordoned, g2 cordoned worker, g3 cordoned worker stopped standby=g2 → F5
			+30s again → F5
			again → F7 uncordon g1 g2 g3
		`,
		"F5: green of all apps has to be well": `
			deploy from b1 | b2
			list b1 | b2 → F4 deploy#1, two/deploy#1
			do
			list b1, g1 cordoned | b2, g2 critical cordoned → F5
			+1m again → F5
			list b1, g1 cordoned | b2, g2 cordoned → F5
			again → F7 two/uncordon g2, uncordon g1
		`,
		"F7: surplus is not uncordoned, and drains once the release stands": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned, g2 cordoned critical → F5
			again → F7 uncordon g1
			do
			list b1, g1, g2 cordoned critical → F10
			+10s again → F11
			again → F13 cordon b1
			do
			list b1 cordoned, g1, g2 cordoned critical → F19 drain b1 g2
		`,
	})
}

func TestForwardFromThePromotionUntilTheReleaseStands(t *testing.T) {
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
			+10s again → F11
			again → F13 cordon b1
			do
			+15s again → F13 cordon b1
			do
			+14s again → F14
			+1s again → F1 fail
			says three times that it did cordon machine b1
		`,
		"F8: green is ill for a minute, and blue would hold the floor": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 critical, g2 → F11
			+30s again → F11
			+29s again → F11
			+1s again → F8 fail
			phase cutover
			says one: machine g1 is started, but its check http is critical
		`,
		"F8: also when some of blue is cordoned, as it can be uncordoned": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			+10s list b1 cordoned, b2, g1 critical, g2 → F11
			+30s again → F11
			+30s again → F8 fail
		`,
		"F11: three lists of a minute on which it is another machine each time": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 critical, g2 → F11
			+30s list b1, b2, g1, g2 critical → F11
			+31s list b1, b2, g1 critical, g2 → F11
			+30s list b1, b2, g1, g2 → F11
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
		"F8: blue was cordoned, and green alone holds the floor: on, with a warning": whenPromoted + `
			list b1, b2, g1, g2 → F10
			list b1 critical cordoned, b2, g1, g2 → F10
			again → F10
			again → F10 for 8s
			+8s again → F11
			again → F13 cordon b2
			do
			list b1 critical cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
		`,
		"F8: green is ill and blue was destroyed, and green holds the floor that there is": `
			deploy from b1, b2, b3 critical
			list b1, b2, b3 critical → F4 deploy#1
			do
			list b1, b2, b3 critical, g1 cordoned, g2 cordoned, g3 cordoned → F5
			again → F7 uncordon g1 g2 g3
			do
			list b1, b2, b3 critical, g1, g2, g3 → F10
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
		"F8: in one app of two green is ill": `
			deploy from b1 | b2
			list b1 | b2 → F4 deploy#1, two/deploy#1
			do
			list b1, g1 cordoned | b2, g2 cordoned → F5
			again → F7 two/uncordon g2, uncordon g1
			do
			list b1, g1 | b2, g2 → F10
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
		"F9: somebody cordons green": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1 cordoned, g2 → F9 uncordon g1
		`,
		"F10: the time counts from the list that showed the last change": whenPromoted + `
			+20s list b1, b2, g1, g2 → F10 for 10s
			+5s list b1, b2, g1, g2 cordoned → F9 uncordon g2
			do
			+2s list b1, b2, g1, g2 → F10 for 10s
			+10s again → F11
		`,
		"F10: no time to wait": `
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
			+10s again → F11
			list b1, b2, g1, g2 critical → F11
			list b1, b2, g1, g2 → F11
			again → F13 …
		`,
		"F11: green that was stopped by the proxy is well now": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s list b1, b2, g1, g2 stopped autostart → F11
			again → F13 cordon b1 b2
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
		"F11: a region that is missing whole has not gone for ten minutes": `
			deploy from b1, b2 lhr
			list b1, b2 lhr → F4 deploy#1
			do
			list b1, b2 lhr, g1 cordoned, g2 lhr cordoned → F5
			again → F7 …
			do
			list b1, b2 lhr, g1, g2 lhr → F10
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
		"F12: a run that goes on asks the Check again": `
			resume check from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10 for 10s
			+10s again → F11
			again → F12 check
			phase cutover
			begin
			again → F12
			end check: no
			again → F1 fail
			says the release's own check
		`,
		"F12: and goes on when it agrees": `
			resume check from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10 for 10s
			+10s again → F11
			again → F12 check
			do
			again → F13 cordon b2
		`,
		"F13: blue that cannot be reached is left, and named": whenPromoted + `
			list b1 unreachable, b2, g1, g2 → F10
			+10s again → F11
			again → F13 cordon b2
			do
			list b1 unreachable, b2 cordoned, g1, g2 → F19 drain b2
			do
			list b1 unreachable, g1, g2 → F20 draining
			says machines of blue are left
		`,
		"F13: nothing is cordoned until green of all apps holds the floor": `
			deploy from b1 | b2
			list b1 | b2 → F4 deploy#1, two/deploy#1
			do
			list b1, g1 cordoned | b2, g2 cordoned → F5
			again → F7 two/uncordon g2, uncordon g1
			do
			list b1, g1 | b2, g2 → F10
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
			+10s again → F11
			again → F13 cordon s1 u1
		`,
		"F14: some of blue is not shown cordoned": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			+10s again → F11
			again → F14
			says wait for lists that show blue cordoned
			+3s again → F13 cordon b2
		`,
		"F14: blue that somebody uncordons again is not cordoned twice": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			list b1, b2 cordoned, g1, g2 → F19 drain b2
		`,
		"F14: green is ill on the list that shows blue cordoned": whenCordoned + `
			list b1 cordoned, b2 cordoned, g1 critical, g2 → F10
			+10s again → F11
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
		`,
	})
}

func TestForwardOnceTheReleaseStands(t *testing.T) {
	stories(t, map[string]string{
		"F15: nothing serves, and all of blue is there: back": whenOver + `
			list b1 cordoned, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+29s again → F19
			+1s again → F15 fail
			phase drain
			says one: nothing serves in group app in iad
		`,
		"F15: somebody destroyed green: back": whenOver + `
			list b1 cordoned, b2 cordoned → F19
			+15s again → F19
			+30s again → F19
			+30s again → F15 fail
		`,
		"F15: nothing serves, and some of blue was destroyed: what is left of it": whenOver + `
			begin
			end drain b1
			list b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 cancel drain b2
			do
			again → F15 uncordon b2
			says uncordon what is left of blue there
			do
			list b2, g1 critical, g2 critical → F19
			again → F19
			again → F20 person
			says machines of blue serve again, as nothing else did in their place: b2
		`,
		"F15: in that place only": `
			deploy from b1, b2 lhr, b3, b4 lhr
			list b1, b2 lhr, b3, b4 lhr → F4 deploy#1
			do
			list b1, b2 lhr, b3, b4 lhr, g1 cordoned, g2 lhr cordoned, g3 cordoned, g4 lhr cordoned → F5
			again → F7 …
			do
			list b1, b2 lhr, b3, b4 lhr, g1, g2 lhr, g3, g4 lhr → F10
			+10s again → F11
			again → F13 …
			do
			list b1 cordoned, b2 lhr cordoned, b3 cordoned, b4 lhr cordoned, g1, g2 lhr, g3, g4 lhr → F19 drain b1 b2 b3 b4
			begin
			end drain b3
			list b1 cordoned, b2 lhr cordoned, b4 lhr cordoned, g1, g2 lhr critical, g3, g4 lhr critical → F19
			+30s again → F19
			+30s again → F15 cancel drain b2 b4
			do
			again → F15 uncordon b2 b4
		`,
		"F15: nothing is left": whenOver + `
			do
			list g1, g2 → F20 reached
			list g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 person
			says nothing is left there to uncordon
		`,
		"F19: a place without serving machines keeps the machines that could serve": whenOver + `
			list b1 cordoned, b2 cordoned, g1 critical, g2 critical → F19
			list b1 cordoned, b2 cordoned, g1, g2 critical → F19 drain b1 b2
		`,
		"F19: part of green is not enough to take it back": whenOver + `
			list b1 cordoned, b2 cordoned, g1 critical, g2 → F19 drain b1 b2
			+1m again → F19 drain b1 b2
			+1h again → F19 drain b1 b2
		`,
		"F16: a rollback makes its release entry, once": `
			rollback b1 from b1 cordoned, g1
			list b1 cordoned, g1 → F5
			again → F7 uncordon b1
			do
			list b1, g1 → F10
			+10s again → F11
			again → F13 cordon g1
			do
			list b1, g1 cordoned → F16 record
			phase drain
			begin
			again → F16
			end record: no
			again → F19 drain g1
			do
			list b1 → F20 reached
		`,
		"F17: in the background, what drains is left": `
			deploy background bake=1h from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F7 …
			do
			list b1, g1 → F10
			+10s again → F11
			again → F13 …
			do
			list b1 cordoned, g1 → F17 reached
			says green serves; 1 machine of blue drain
		`,
		"F18: bake": `
			deploy bake=10m from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned → F5
			again → F7 …
			do
			list b1, g1 → F10
			+10s again → F11
			again → F13 …
			do
			list b1 cordoned, g1 → F18 for 10m0s
			says keep all of blue for 10m0s
			+9m59s again → F18
			+1s again → F19 drain b1
		`,
		"F19: earlier machines, surplus and stragglers go with blue": `
			deploy from e1 cordoned, b1
			list e1 cordoned, b1 → F4 deploy#1
			do
			list e1 cordoned, b1, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1
			do
			list e1 cordoned, b1, g1, g2 cordoned → F10
			+10s again → F11
			again → F13 cordon b1
			do
			list e1 cordoned, b1 cordoned, g1, g2 cordoned → F19 drain b1 e1 g2
		`,
		"F19: what is not shown cordoned does not go": whenOver + `
			list b1, b2 cordoned, g1, g2 → F19 drain b2
		`,
		"F19: what cannot be reached does not go": whenOver + `
			list b1 unreachable, b2 cordoned, g1, g2 → F19 drain b2
		`,
		"F20: somebody took blue back": whenOver + `
			list b1, b2 cordoned, g1, g2 → F19 drain b2
			do
			list b1, g1, g2 → F19
			again → F20 draining
			says machines of blue are left
		`,
		"F20: a drain was given up": whenOver + `
			begin
			end drain b1: no
			end drain b2
			list b1 cordoned, g1, g2 → F20 draining
		`,
		"F19: a drain that was ended is begun again": whenOver + `
			begin
			end drain b1: canceled
			+1s list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1
		`,
		"F20: what a list lacks is waited for, and may be left": whenOver + `
			begin
			end drain b1
			list g1, g2 → F19
			+14s again → F19
			+1s again → F19
			end drain b2: no
			again → F20 draining
		`,
		"F19: a standby is drained before the machine that it stands in for": `
			deploy from b1, b2 worker, b3 worker stopped standby=b2
			list b1, b2 worker, b3 worker stopped standby=b2 → F4 deploy#1
			do
			list b1, b2 worker, b3 worker stopped standby=b2, g1 cordoned, g2 worker cordoned, g3 worker stopped cordoned standby=g2 → F5
			again → F7 …
			do
			list b1, b2 worker, b3 worker stopped standby=b2, g1, g2 worker, g3 worker stopped standby=g2 → F10
			+10s again → F11
			again → F13 cordon b1 b2 b3
			do
			list b1 cordoned, b2 worker cordoned, b3 worker stopped cordoned standby=b2, g1, g2 worker, g3 worker stopped standby=g2 → F19 drain b1 b3
			do
			list b2 worker cordoned, g1, g2 worker, g3 worker stopped standby=g2 → F19 drain b2
		`,
		"F19: a group without services needs no serving machine": `
			deploy from b1 worker
			list b1 worker → F4 deploy#1
			do
			list b1 worker, g1 worker cordoned → F5
			again → F7 uncordon g1
			do
			list b1 worker, g1 worker → F10
			+10s again → F11
			again → F13 cordon b1
			do
			list b1 worker cordoned, g1 worker → F19 drain b1
			list b1 worker cordoned, g1 worker stopped → F19 drain b1
		`,
		"F19: a group that fly.toml dropped needs none": `
			deploy groups=app from b1, b2 web
			list b1, b2 web → F4 deploy#1
			do
			list b1, b2 web, g1 cordoned → F5
			again → F7 uncordon g1
			do
			list b1, b2 web, g1 → F10
			+10s again → F11
			again → F13 cordon b1 b2
			do
			list b1 cordoned, b2 web cordoned, g1 → F19 drain b1 b2
		`,
		"F19: a place where nothing served when the release began needs none": `
			deploy from b1, b2 lhr critical
			list b1, b2 lhr critical → F4 deploy#1
			do
			list b1, b2 lhr critical, g1 cordoned, g2 lhr cordoned → F5
			again → F7 …
			do
			list b1, b2 lhr critical, g1, g2 lhr → F10
			+10s again → F11
			again → F13 …
			do
			list b1 cordoned, b2 lhr cordoned critical, g1, g2 lhr critical → F19 drain b1 b2
		`,
	})
}
