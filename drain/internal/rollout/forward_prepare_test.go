package rollout

import "testing"

func TestForwardHoldsGreenAndStopsWhenBlueChanges(t *testing.T) {
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
		"F1: it is, whatever machines a list lacks": `
			deploy image from b1, b2
			list b1, b2 → F4 build
			begin
			end build: transient
			list b1 → F1 fail
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
			says cordon of machine g1
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
		"F2: a straggler that was held and is uncordoned again: another run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1 starting of=4, g1 starting cordoned, g2 starting cordoned → F2 cordon s1
			do
			list u1, u2, s1 starting of=4 cordoned, g1 starting cordoned, g2 starting cordoned → F5
			list u1, u2, s1 starting of=4, g1 starting cordoned, g2 starting cordoned → F2 fail
			says another run is releasing this app, and has uncordoned machine s1
		`,
		"F2: a straggler, and another of its release that was cordoned at first is uncordoned: another run": `
			deploy from u1, u2, s1 of=3 cordoned
			list u1, u2, s1 of=3 cordoned → F4 deploy#1
			do
			list u1, u2, s1 of=3, s2 of=3 starting, g1 cordoned, g2 cordoned → F2 fail
			says another run is releasing this app, and has uncordoned machine s1
		`,
		"F2: as many stragglers as their release has, up and uncordoned: another run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1, s2 critical, g1 cordoned, g2 cordoned → F2 cordon s1 s2
			begin
			list u1, u2, s1, s2, g1 cordoned, g2 cordoned → F2 fail
		`,
		"F2: one of them the proxy has stopped: another run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1, s2 stopped autostart, g1 cordoned, g2 cordoned → F2 fail
		`,
		"F2: green that is to be held does not take the place of a straggler": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1 cordoned, u2 cordoned, s1 of=4, s2 of=4, g1, g2 → F2 cordon g1 g2
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
		"F7: surplus is not uncordoned, and drains once the release stands": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned, g2 cordoned critical → F5
			again → F7 uncordon g1
			do
			list b1, g1, g2 cordoned critical → F10
			+10s again → F13 cordon b1
			do
			list b1 cordoned, g1, g2 cordoned critical → F19 drain b1 g2
		`,
		"F3: after the image was built": `
			deploy image from b1, b2
			list b1, b2 → F4 build
			do
			list b1 cordoned, b2 → F4 deploy#1
			again → F4 deploy#1
			again → F3 fail
			phase prepare
			cause changed by somebody else
		`,
		"F2: stragglers of two releases show no other run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1, s2 mark=20261126T100000Z-000abcd/1/2, g1 cordoned, g2 cordoned → F2 cordon s1 s2
		`,
		"F2: a straggler that its own run held, and uncordoned: another run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1 of=4 starting cordoned, g1 cordoned, g2 cordoned → F5
			list u1, u2, s1 of=4 starting, g1 cordoned, g2 cordoned → F2 fail
			cause changed by somebody else
		`,
	})
}
