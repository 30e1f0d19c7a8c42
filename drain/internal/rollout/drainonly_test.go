package rollout

import "testing"

func TestDrainOnlyCordonsAndUncordonsNothing(t *testing.T) {
	stories(t, map[string]string{
		"D3 D5: what a release has taken the place of drains": `
			drain from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned, b2 cordoned, g1, g2 → D3 drain b1 b2
			phase drain
			says drain 2 machines of releases that no longer serve
			begin
			again → D3
			end drain b1
			end drain b2
			list g1, g2 → D5 reached
			says nothing is left to drain
		`,
		"D2: the bake time counts from when the cordon was first seen": `
			drain bake=10m from b1, b2 cordoned, g1, g2
			list b1 cordoned, b2, g1, g2 → D1 draining
			+1m list b1 cordoned, b2 cordoned, g1, g2 → D2 for 9m0s
			+9m again → D3 drain b1 for 1m0s
			+1m again → D3 drain b1 b2
		`,
		"D2 D3: or from when the list dates it, where it does": `
			drain bake=10h within=30m from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → D2 for 9h30m1s
			drain bake=10m within=30m from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → D3 drain b1
		`,
		"D2: what this run has seen uncordoned is not dated by a list": `
			drain bake=10m within=30m from b1, g1, g2
			list b1, g1, g2 → D5 reached
			+1m list b1 cordoned, g1, g2 → D2 for 10m0s
		`,
		"D1: an app with two releases uncordoned is left, and named": `
			drain from b1, b2 cordoned, g1, g2 cordoned
			list b1, b2 cordoned, g1, g2 cordoned → D1 draining
			phase drain
			says not draining these cordoned machines, because more than one release serves: b2 g2
			+1h again → D1 draining
		`,
		"D5: what cannot be reached is left, and named": `
			drain from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned unreachable, b2 1970, g1, g2 unreachable → D5 draining
			says Fly cannot reach these machines, which may be old, so they are left: b1 b2
		`,
		"D3: where machines are stopped at their deadline, what was cordoned on a host that is lost drains": `
			drain stoplate from b1 cordoned unreachable, b2 unreachable, b3 thin, g1, g2
			list b1 cordoned unreachable, b2 unreachable, b3 thin, g1, g2 → D3 drain b1
			do
			+15s again → D5 draining
			says Fly cannot reach these machines, which may be old, so they are left: b1 b2 b3
		`,
		"D3: also what has only its mark, and not what is incomplete for a moment": `
			drain stoplate from b1 cordoned unreachable 1970, b2 cordoned 1970, g1, g2
			list b1 cordoned unreachable 1970, b2 cordoned 1970, g1, g2 → D3 drain b1
		`,
		"D2 D3: its bake time is dated by the list": `
			drain stoplate bake=10h within=30m from b1 cordoned unreachable, g1, g2
			list b1 cordoned unreachable, g1, g2 → D2 for 9h30m1s
			drain stoplate bake=10m within=30m from b1 cordoned unreachable, g1, g2
			list b1 cordoned unreachable, g1, g2 → D3 drain b1
		`,
		"D5: nor what is of the release that serves, or of a newer one": `
			drain stoplate from b1 cordoned unreachable, b2, g1 cordoned unreachable
			list b1 cordoned unreachable, b2, g1 cordoned unreachable → D5 reached
		`,
		"D5: nor what may be the last in its place": `
			drain stoplate from b1 cordoned lost, b2 lhr cordoned lost, g1, g2 lhr critical
			list b1 cordoned lost, b2 lhr cordoned lost, g1, g2 lhr critical → D3 drain b1
			do
			+15s again → D5 draining
			says Fly cannot reach these machines, which may be old, so they are left: b1 b2
		`,
		"D3: where no machine has a service, none has to serve": `
			drain stoplate from b1 worker cordoned lost, b2 nrt cordoned lost, g1 worker, g2
			list b1 worker cordoned lost, b2 nrt cordoned lost, g1 worker, g2 → D3 drain b1 b2
		`,
		"D5: where no row says what it does, nothing is known to be done": `
			drain from b1 cordoned, b2, g1
			list b1 unreachable cordoned, b2 unreachable, g1 unreachable → D5 draining
			says Fly cannot reach these machines, which may be old, so they are left: b1 b2 g1
		`,
		"D5: so is what no list has said anything of, and what has no time": `
			drain from b1 cordoned, b2 1970, b3 thin, g1, g2
			list b1 cordoned, b2 1970, b3 thin, g1, g2 → D3 drain b1
			do
			list b2 1970, b3 thin, g1, g2 → D5 draining
			says are left: b2 b3
		`,
		"D3: a drain that is under way ends before the run does": `
			drain from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned, b2 cordoned, g1, g2 → D3 drain b1 b2
			begin
			list b1, b2 cordoned, g1, g2 → D3
		`,
		"D1: the others drain": `
			drain from b1, b2 cordoned, g1, g2 | b3 cordoned, b4 cordoned, g3, g4
			list b1, b2 cordoned, g1, g2 | b3 cordoned, b4 cordoned, g3, g4 → D3 two/drain b3 b4
			do
			list b1, b2 cordoned, g1, g2 | g3, g4 → D1 draining
		`,
		"D5: nothing is superseded where green is held": `
			drain from b1, b2, g1 cordoned, g2 cordoned
			list b1, b2, g1 cordoned, g2 cordoned → D5 reached
		`,
		"D3: in a resumed run, what was taken back goes": `
			resume from b1 cordoned, g1 cordoned, n1, n2
			list b1 cordoned, g1 cordoned, n1, n2 → D3 drain b1 g1
			do
			list n1, n2 → D5 reached
		`,
		"D3 D5: what is newer than the release that was found still is another run's": `
			resume from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2, n1 cordoned, n2 cordoned mark=20261126T230000Z-ffff/1/1 → D3 drain b1
			do
			list g1, g2, n1 cordoned, n2 cordoned mark=20261126T230000Z-ffff/1/1 → D5 reached
		`,
		"D3: also what is newer than what serves": `
			resume from b1 cordoned, g1, g2
			list b1, g1 cordoned, g2 cordoned → D3 drain g1 g2
		`,
		"D5: a cordoned machine of the release that serves stays": `
			drain from g1, g2 cordoned
			list g1, g2 cordoned → D5 reached
		`,
		"D3: earlier generations go with it, and what is not ours, by age": `
			drain from u1 cordoned, e1 cordoned, b1 cordoned, g1, g2
			list u1 cordoned, e1 cordoned, b1 cordoned, g1, g2 → D3 drain b1 e1 u1
		`,
		"D3: a later deploy that was not ours has taken the place of ours": `
			drain from g1 cordoned, n1, n2
			list g1 cordoned, n1, n2 → D3 drain g1
		`,
		"D5: a later one that was cordoned has not been replaced": `
			drain from u1, n1 cordoned mark=20261126T130000Z-ffff/1/1, b1 cordoned
			list u1 born=0s, n1 cordoned mark=20261126T130000Z-ffff/1/1 → D5 reached
		`,
		"D3: of one second, what has no mark is older": `
			drain from u1 cordoned born=1s, g1
			list u1 cordoned born=1s, g1 → D3 drain u1
		`,
		"D5: of one second, what has a mark is not older": `
			drain from g1 cordoned born=60s, n0
			list g1 cordoned born=60s, n0 → D5 reached
		`,
		"D3: a list that lacks a machine that serves is in doubt, whoever created it": `
			drain from b1 cordoned, n1, n2
			list b1 cordoned, n1, n2 → D3 drain b1
			list b1 cordoned, n1 → D3
			+15s again → D3 drain b1
		`,
		"D4: a place that needs a serving machine keeps its own": `
			drain from b1 cordoned, b2 lhr cordoned, g1, g2 lhr critical
			list b1 cordoned, b2 lhr cordoned, g1, g2 lhr critical → D3 drain b1
			do
			list b2 lhr cordoned, g1, g2 lhr critical → D4
			+30s again → D4
			+30s again → D4 person
			phase drain
			says these machines are kept, because no other serves in their group and region: b2
		`,
		"D4: a first look is not enough": `
			drain from b1 cordoned, g1 critical
			list b1 cordoned, g1 critical → D4
			+30s again → D4
			+10s list b1 cordoned, g1 → D3 drain b1
		`,
		"D4: no machine is uncordoned": `
			drain from b1 cordoned, g1 cordoned
			list b1 cordoned, g1 cordoned → D4
			+30s again → D4
			+30s again → D4 person
			says b1 g1
		`,
		"D3: a group without services needs none": `
			drain from b1 worker cordoned, g1 worker stopped
			list b1 worker cordoned, g1 worker stopped → D3 drain b1
		`,
		"D3: a standby before the machine that it stands in for": `
			drain from b1 worker cordoned, b2 worker stopped cordoned standby=b1, g1 worker, g2 worker stopped standby=g1
			list b1 worker cordoned, b2 worker stopped cordoned standby=b1, g1 worker, g2 worker stopped standby=g1 → D3 drain b2
			says drain 2 machines
			do
			list b1 worker cordoned, g1 worker, g2 worker stopped standby=g1 → D3 drain b1
		`,
		"D5: what was given up is left": `
			drain from b1 cordoned, b2 cordoned, g1, g2
			list b1 cordoned, b2 cordoned, g1, g2 → D3 drain b1 b2
			begin
			end drain b1: no
			again → D3
			end drain b2
			list b1 cordoned, g1, g2 → D5 draining
			says some machines are left
		`,
		"D3: a list that lacks a machine is asked again": `
			drain from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → D3 drain b1
			list b1 cordoned, g1 → D3
			+14s again → D3
			+1s again → D3 drain b1
		`,
		"D3: an app whose list is in doubt waits, and the others drain": `
			drain from b1 cordoned, g1, g2 | b3 cordoned, g3, g4
			list b1 cordoned, g1, g2 | b3 cordoned, g3, g4 → D3 drain b1, two/drain b3
			list b1 cordoned, g1 | b3 cordoned, g3, g4 → D3 two/drain b3
			do
			list b1 cordoned, g1 | g3, g4 → D3
		`,
		"D5: a list that stays empty is the end after ten minutes": `
			drain from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → D3 drain b1
			list → D3
			+599s again → D3
			+1s again → D5 draining
		`,
		"D3: what cannot be reached is not drained": `
			drain from b1 unreachable, b2 cordoned, g1, g2
			list b1 cordoned, b2 cordoned, g1, g2 → D3 drain b1 b2
			list b1 unreachable, b2 cordoned, g1, g2 → D3 drain b2
		`,

		"D2: each machine's own bake time": `
			drain bake=10m from b1, b2 cordoned, g1, g2
			list b1, b2 cordoned, g1, g2 → D1 draining
			+1m list b1 cordoned, b2 cordoned, g1, g2 → D2 for 9m0s
			says keep old machines for 10m0s
		`,
		"D3: a drain that has not ended, of a machine that is not listed any more": `
			drain from b1 cordoned, g1, g2
			list b1 cordoned, g1, g2 → D3 drain b1
			begin
			list g1, g2 → D3
			end drain b1
			again → D5 reached
		`,
		"D4: no machine serves, of a group that needs none": `
			drain from b1 worker cordoned, g1 worker cordoned
			list b1 worker cordoned, g1 worker cordoned → D4 person
			says b1 g1
		`,
		"D4: many machines": `
			drain from b1 worker cordoned, b2 worker cordoned, b3 worker cordoned, b4 worker cordoned, b5 worker cordoned, b6 worker cordoned, b7 worker cordoned
			list b1 worker cordoned, b2 worker cordoned, b3 worker cordoned, b4 worker cordoned, b5 worker cordoned, b6 worker cordoned, b7 worker cordoned → D4 person
			says b1 b2 b3 b4 b5 and 2 more
		`,
		"D3: what is cordoned of the release that serves stays, in a resumed run too": `
			resume from b1 cordoned, g1, g2, g3 cordoned
			list b1 cordoned, g1, g2, g3 cordoned → D3 drain b1
		`,
		"D5: and of what is not ours": `
			drain from u1 cordoned, n1
			list u1 cordoned, n1 → D5 reached
		`,
		"D5: what was deployed after the release that serves, and is not ours": `
			drain from g1, g2, n1 cordoned
			list g1, g2, n1 cordoned → D5 reached
		`,

		"D3: what came late of an older release": `
			drain from s1 cordoned, g1, g2
			list s1 cordoned, g1, g2 → D3 drain s1
		`,

		"D4: a drain that is under way where nothing serves any more": `
			drain from b1 lhr cordoned, g1, g2 lhr
			list b1 lhr cordoned, g1, g2 lhr → D3 drain b1
			begin
			list b1 lhr cordoned, g1, g2 lhr critical → D4
			+30s again → D4
			+30s again → D4 cancel drain b1
			do
			again → D4 person
		`,
	})
}
