package rollout

import "testing"

// In a rollback green is an older release, and nothing is created or held.
func TestARollbackIsForwardWithAnOlderRelease(t *testing.T) {
	stories(t, map[string]string{
		"F5 F7 F13 F16 F19 F20: to machines that drain": `
			rollback b1 b2 from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned, b2 cordoned, g1, g2 → F5
			phase gate
			again → F7 uncordon b1 b2
			do
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon g1 g2
			do
			list b1, b2, g1 cordoned, g2 cordoned → F16 record
			says make a release entry
			do
			again → F19 drain g1 g2
			do
			list b1, b2 → F20 reached
		`,
		"F5: workers that were stopped are started, and a job that has ended is not": `
			rollback b1 b2 b3 from b1 cordoned of=3, b2 worker stopped asked cordoned of=3, b3 jobs stopped exit=0 cordoned of=3, g1
			list b1 cordoned of=3, b2 worker stopped asked cordoned of=3, b3 jobs stopped exit=0 cordoned of=3, g1 → F5 start b2
		`,
		"F7: to one that partly serves": `
			rollback b1 b2 from b1, b2 cordoned, g1
			list b1, b2 cordoned, g1 → F5
			again → F7 …
		`,
		"F3: what is to serve was destroyed": `
			rollback b1 b2 from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned, b2 destroyed, g1, g2 → F3 fail
			phase check
			says machine b2 of one is gone
			cause not healthy
		`,
		"F3: somebody has created a machine": `
			rollback b1 from b1 cordoned critical, g1
			list b1 cordoned critical, g1, n1 → F5
			again → F5
			again → F3 fail
			phase check
			says machine n1 was created by somebody else
			cause changed by somebody else
		`,
		"B9: what somebody uncordons of the older release is theirs": `
			rollback b1 from b1 cordoned critical, g1
			list b1, g1 cordoned → F5
			again → F5
			again → F3 fail
			turn
			again → B9 draining
		`,
		"F3: what serves was cordoned by somebody": `
			rollback b1 from b1 cordoned critical, g1
			list b1 cordoned critical, g1 cordoned → F5
			again → F5
			again → F3 fail
			cause changed by somebody else
		`,
		"F5: a list that is short, when the time is over": `
			rollback b1 b2 from b1 cordoned critical, b2 cordoned, g1
			list b1 cordoned critical, b2 cordoned, g1 → F5
			+5m list b1 cordoned critical, g1 → F5
			again → F5
		`,
		"F8: an older release that is too few takes nobody's place, and blue stays": `
			rollback b1 from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → F5
			again → F7 uncordon b1
			do
			list b1, g1, g2 → F10
			+10s again → F11
			+49s again → F11
			+1s again → F8 fail
			says one: green is healthy, but in group app in iad only 1 of its machines can serve, and 2 must
			cause not healthy
			turn
			again → B6
			again → B5 cordon b1
		`,
		"F13: a group that it never had needs none": `
			rollback b1 from b1 cordoned, g1, g2 web
			list b1 cordoned, g1, g2 web → F5
			again → F7 uncordon b1
			do
			list b1, g1, g2 web → F10
			+10s again → F13 cordon g1 g2
			do
			list b1, g1 cordoned, g2 web cordoned → F16 record
		`,
		"F3: its machines are doubted when they are missing": `
			rollback b1 b2 from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned, b2 cordoned, g1, g2 → F5
			list b1 cordoned, g1, g2 → F5
			+14s again → F5
			+1s again → F3 fail
		`,
		"B8 B9: machines that are not ours and not listed are not cordoned": `
			rollback b1 from b1 cordoned, u1, u2
			list b1 cordoned, u1, u2 → F5
			again → F7 uncordon b1
			do
			list b1, u1, u2 → F10
			+10s list b1 critical, u1, u2 → F11
			+30s again → F11
			+30s again → F8 fail
			turn
			list b1 critical cordoned, u1 → B8
			again → B8
			again → B9 draining
		`,
		"F5: nor is their absence a loss of green": `
			rollback b1 from b1 cordoned, u1, n1
			list b1 cordoned critical, u1, n1 → F5
			list b1 cordoned critical, u1, n1 destroyed → F5
			again → F5
			again → F3 fail
			says machine n1 was destroyed by somebody else
		`,

		"F5: a machine that somebody created and destroyed is not a loss": `
			rollback b1 from b1 cordoned, g1
			list b1 cordoned critical, g1, n1 → F5
			list b1 cordoned critical, g1, n1 destroyed → F5
			again → F5
			again → F5
			again → F5
		`,

		"F7 F11: to one that somebody has uncordoned": `
			rollback spread=0s b1 from b1 cordoned, g1
			list b1, g1 → F5
			again → F7 uncordon b1
			do
			again → F11
			again → F13 cordon g1
		`,
	})
}
