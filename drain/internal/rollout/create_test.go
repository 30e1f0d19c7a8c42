package rollout

import "testing"

// F4: how green becomes whole.
func TestGreenIsCreatedUntilItIsWhole(t *testing.T) {
	stories(t, map[string]string{
		"a deploy creates the first machine of each group, clones the others": `
			deploy from b1, b2 lhr, b3 worker, b4 worker
			list b1, b2 lhr, b3 worker, b4 worker → F4 deploy#1
			says create green of one
			do
			list b1, b2 lhr, b3 worker, b4 worker, g1 cordoned, g2 worker cordoned → F4 clone#2 g1 app lhr, clone#3 g2 worker iad
			phase prepare
			says 2 of 4 are there
			begin
			again → F4
			end clone#2 g1 app lhr made g3
			decide → F2 cordon g3
			begin
			again → F2
			end cordon g3
			list b1, b2 lhr, b3 worker, b4 worker, g1 cordoned, g2 worker cordoned, g3 lhr cordoned → F4
			end clone#3 g2 worker iad made g4
			list b1, b2 lhr, b3 worker, b4 worker, g1 cordoned, g2 worker cordoned, g3 lhr cordoned, g4 worker cordoned → F5
		`,
		"surplus is what came last": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g2 cordoned, g1 cordoned → F5
			again → F7 uncordon g1
		`,
		"surplus is what can go at once, where there is a choice": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 starting, g2 → F2 cordon g1 g2
			do
			list b1, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1
		`,
		"also when it is the older one": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 starting, g2 → F2 cordon g1 g2
			do
			list b1, g1 starting cordoned, g2 cordoned → F5
			again → F7 uncordon g2
		`,
		"a clone that succeeded is waited for, for 15 seconds": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			+1h again → F4
			end clone#2 g1 app iad
			+14s again → F4
			+1s again → F4 clone#3 g1 app iad
		`,
		"one whose machine is listed is not": `
			deploy from b1, b2, b3
			list b1, b2, b3 → F4 deploy#1
			do
			list b1, b2, b3, g1 cordoned → F4 clone#2 g1 app iad, clone#3 g1 app iad
			begin
			end clone#2 g1 app iad made g2
			end clone#3 g1 app iad: transient
			again → F2 cordon g2
			begin
			end cordon g2
			list b1, b2, b3, g1 cordoned, g2 cordoned → F4
			again → F4 clone#4 g1 app iad
		`,
		"a clone that failed is waited for, for 3 seconds": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			end clone#2 g1 app iad: no
			+2s again → F4
			+1s again → F4 clone#3 g1 app iad
			begin
			end clone#3 g1 app iad: no
			+3s again → F4 clone#4 g1 app iad
			begin
			end clone#4 g1 app iad: no
			again → F4 fail
			phase prepare
			says one: could not create all machines of group app in iad: 3 clones failed; the last said: no
		`,
		"a clone that succeeds in between begins the count again": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			end clone#2 g1 app iad: no
			+3s again → F4 clone#3 g1 app iad
			begin
			end clone#3 g1 app iad: no
			+3s again → F4 clone#4 g1 app iad
			do
			+15s again → F4 clone#5 g1 app iad
			begin
			end clone#5 g1 app iad: no
			+3s again → F4 clone#6 g1 app iad
		`,
		"what a clone that failed has created all the same is green": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			end clone#2 g1 app iad: transient
			list b1, b2, g1 cordoned, g2 → F2 cordon g2
			do
			list b1, b2, g1 cordoned, g2 cordoned → F4
			+2s again → F7 uncordon g1 g2
		`,
		"clones are of machines on hosts that are well": `
			deploy from b1, b2, b3
			list b1, b2, b3 → F4 deploy#1
			do
			list b1, b2, b3, g1 cordoned, g2 cordoned → F4 clone#2 g1 app iad
			list b1, b2, b3, g1 unreachable, g2 cordoned → F4 clone#2 g2 app iad
			list b1, b2, b3, g1 unreachable, g2 unreachable → F4
			says 2 of 3 are there
		`,
		"but not for longer than five minutes": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			list b1, b2, g1 unreachable → F4
			+298s again → F4
			+1s again → F4 fail
			says no machine of group app can be cloned: for 5m0s Fly has not reached the hosts
		`,
		"a standby after the machine that it stands in for, of its own region": `
			deploy from b1 worker, b2 worker lhr, b3 worker lhr stopped standby=b2
			list b1 worker, b2 worker lhr, b3 worker lhr stopped standby=b2 → F4 deploy#1
			do
			list b1 worker, b2 worker lhr, b3 worker lhr stopped standby=b2, g1 worker cordoned → F4 clone#2 g1 worker lhr
			do
			list b1 worker, b2 worker lhr, b3 worker lhr stopped standby=b2, g1 worker cordoned, g2 worker lhr cordoned → F4 clone#3 g1 worker lhr standby-of g2
		`,
		"one that failed for good, and created something, is repeated for the others": `
			deploy from b1, b2 worker
			list b1, b2 worker → F4 deploy#1
			begin
			list b1, b2 worker, g1 cordoned → F4
			end deploy#1: no
			+2s again → F4
			+1s again → F4 deploy#2 worker
		`,
		"one that the user named is not": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			end deploy#1: image
			+1s again → F4
			+1s again → F4 fail
		`,
		"but not while green is not held": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			list b1, g1 cordoned → F4
			+4m list b1, g1 → F2 cordon g1
			do
			list b1, g1 cordoned → F4
			+5m again → F4
			+1s again → F4 cancel deploy#1
		`,
		"nor while a clone is waited for": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			list b1, b2, g1 cordoned, g2 cordoned → F4
			+10m again → F4
			end clone#2 g1 app iad
			+14s again → F4
			+1s again → F4
			+5m again → F4
			+1s again → F4 cancel deploy#1
		`,
		"two apps, each its own": `
			deploy from b1, b2 | b3
			list b1, b2 | b3 → F4 deploy#1, two/deploy#1
			begin
			end two/deploy#1
			list b1, b2, g1 cordoned | b3 → F4 clone#2 g1 app iad
			begin
			+14s again → F4 two/deploy#2
		`,
		"what is missing in one app is created while another's list is in doubt": `
			deploy from b1, b2 | b3
			list b1, b2 | b3 → F4 deploy#1, two/deploy#1
			do
			list b1, b2, g1 | → F2 clone#2 g1 app iad, cordon g1
		`,
		"one app that cannot be created ends all": `
			deploy from b1 | b3
			list b1 | b3 → F4 deploy#1, two/deploy#1
			begin
			end deploy#1: no
			end two/deploy#1
			+2s again → F4 fail
			says creating green of one: no
		`,
		"a machine that flyctl named is green without its mark": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			begin
			end deploy#1 made n1
			list b1, b2, n1 → F2 clone#2 n1 app iad, cordon n1
		`,
		"a machine that flyctl named is held by its id while its row is thin": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			end deploy#1 made g1
			list b1, g1 thin → F2 cordon g1
			do
			again → F4
			+14s list b1, g1 cordoned → F5
		`,
		"and while it is missing": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			end clone#2 g1 app iad made g2
			again → F2 cordon g2
			do
			again → F4
		`,
		"and counts as created": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			begin
			end clone#2 g1 app iad made g2
			list b1, b2, g1 cordoned, g2 thin → F2 cordon g2
			do
			+15s again → F4
			list b1, b2, g1 cordoned, g2 cordoned → F5
		`,
		"nothing, where green is there already": `
			deploy wellonly nowant from b1
			list b1, g1 cordoned critical, g2 cordoned → F5
			list b1, g1 cordoned, g2 cordoned → F5
			again → F6 reached
		`,
		"what somebody has destroyed is not created again, but ends the release": whenHeld + `
			list b1, b2, g1 destroyed, g2 cordoned → F5
			again → F5
			again → F3 fail
			says machine g1 has gone
			cause not healthy
		`,
		"clones of one app do not count for another": `
			deploy from b1, b2 | b3, b4
			list b1, b2 | b3, b4 → F4 …
			do
			list b1, b2, g1 cordoned | b3, b4 → F4 clone#2 g1 app iad
			begin
			list b1, b2, g1 cordoned | b3, b4, g3 cordoned → F4 two/clone#2 g3 app iad
		`,
		"nor those of one slot for another": `
			deploy from b1, b2 lhr, b3 nrt
			list b1, b2 lhr, b3 nrt → F4 …
			do
			list b1, b2 lhr, b3 nrt, g1 cordoned → F4 clone#2 g1 app lhr, clone#3 g1 app nrt
			begin
			end clone#3 g1 app nrt: no
			+3s again → F4 clone#4 g1 app nrt
		`,
		"only its own machines are progress": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, g1 cordoned → F4 …
			list u1, u2, g1 unreachable → F4
			+200s list u1, u2, g1 unreachable, s1 cordoned → F4
			+99s again → F4 fail
			says can be cloned
		`,

		"nothing more, once it is given up": `
			deploy from b1, b2, b3 lhr
			list b1, b2, b3 lhr → F4 deploy#1
			do
			list b1, b2, b3 lhr, g1 cordoned → F4 clone#2 g1 app iad, clone#3 g1 app lhr
			begin
			end clone#3 g1 app lhr: no
			+3s again → F4 clone#4 g1 app lhr
			begin
			end clone#4 g1 app lhr: no
			+3s again → F4 clone#5 g1 app lhr
			begin
			end clone#2 g1 app iad: no
			+3s again → F4 clone#6 g1 app iad
			end clone#5 g1 app lhr: no
			+3s again → F4 fail
		`,
	})
}
