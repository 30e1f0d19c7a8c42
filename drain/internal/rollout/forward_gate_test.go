package rollout

import "testing"

// F5: green has to get well, all of it, before it is promoted.
func TestGreenIsPromotedOnlyWhenAllOfItIsWell(t *testing.T) {
	stories(t, map[string]string{
		"F5: a straggler that the floor needs is left": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2 critical, s1 of=4, g1 starting cordoned, g2 starting cordoned → F5
		`,
		"F5: a straggler that the floor needs shows no other run": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2 critical, s1 of=1, g1 cordoned, g2 cordoned → F5
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
		"F5: blue that cannot be reached, or is ill, is not changed": whenCreated + `
			list b1 unreachable, b2 critical, g1 cordoned critical, g2 cordoned → F5
			again → F5
			again → F5
			+2m again → F5
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
		"F5: a machine that is not healthy, and how its program last ended": whenCreated + `
			list b1, b2, g1 cordoned critical=refused oom, g2 cordoned critical asked → F5 for 5m0s
			+5m again → F5 for 0s
			+1s again → F5 fail
			says its check http is critical: refused, 5m0s after green was created; its program last ended with exit code 137 (oom_killed: the machine ran out of memory)
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
			list b1, b2, g1 cordoned critical start=4000 exit=1, g2 cordoned start=1000 → F5 fail
			says machine g1 of one does not stay up: it was started 4 times; its program last ended with exit code 1: see fly logs -a one --machine g1
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
		"F5: a gate that fails alone has nothing to undo": `
			deploy wellonly from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned critical → F5
			+5m again → F5
			+1s again → F5 left
			cause not healthy
		`,
		"F5: green that is healthy when the time is over": whenCreated + `
			list b1, b2, g1 cordoned critical, g2 cordoned → F5
			+301s list b1, b2, g1 cordoned, g2 cordoned → F5
			again → F7 …
		`,
		"F5: what the proxy stopped is not well before the promotion": whenCreated + `
			list b1, b2, g1 stopped autostart cordoned, g2 cordoned → F5 start g1
			again → F5 start g1
		`,
		"F5: what runs without an event of its start": `
			deploy smoke=30s from b1 plain
			list b1 plain → F4 deploy#1
			do
			list b1 plain, g1 plain starting cordoned → F5
			+30s list b1 plain, g1 plain cordoned → F5
			says has not run for 30s yet
			+29s again → F5
			again → F5
			again → F7 …
		`,
		"F5: what somebody created on the last list before the promotion": whenHeld + `
			list b1, b2, g1 cordoned, g2 cordoned, n1 → F5
			list b1, b2, g1 cordoned, g2 cordoned, n1 destroyed → F5
			again → F7 …
		`,
		"F5: a straggler that is destroyed is not a loss": `
			deploy from u1, u2
			list u1, u2 → F4 deploy#1
			do
			list u1, u2, s1 starting of=4, g1 starting cordoned, g2 starting cordoned → F2 cordon s1
			do
			list u1, u2, s1 destroyed, g1 starting cordoned, g2 starting cordoned → F5
			again → F5
			again → F5
			again → F5
		`,

		"F5: a first release is not whole before it is created": `
			deploy groups=app+worker from x1
			list x1 → F4 deploy#1
			do
			+1m list x1, g1 cordoned critical → F4 deploy#2 worker
			+1m list x1, g1 cordoned critical, g2 worker cordoned → F5 for 5m0s
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
