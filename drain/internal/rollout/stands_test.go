package rollout

import "testing"

func TestAReleaseThatStandsDrainsBlueAndIsTakenBackIfNothingServes(t *testing.T) {
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
		"F15: in that place only": cordoned("", "b1, b2 lhr, b3, b4 lhr", "g1, g2 lhr, g3, g4 lhr") + `
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
		"F15: somebody has cordoned all of green and uncordoned blue: the run ends": whenOver + `
			list b1, b2, g1 cordoned, g2 cordoned → F19
			again → F19
			again → F15 left
			phase drain
			says somebody has gone back to the old release, and it serves
		`,
		"F15: they have removed green already: nothing is left": whenOver + `
			list b1, b2 → F19
			+15s again → F19
			again → F19
			again → F15 undone
		`,
		"F20: they have gone back in one of two apps: a person is needed, when the other has drained": cordoned("", "b1 | b2", "g1 | g2") + `
			list b1 cordoned, g1 | b2 cordoned, g2 → F19 drain b1, two/drain b2
			list b1, g1 cordoned | b2 cordoned, g2 → F19 two/drain b2
			begin
			again → F19
			again → F19
			end two/drain b2
			list b1, g1 cordoned | g2 → F20 person
			says gone back to the old release in some of the apps, and the new one serves in the others
		`,
		"F15: they have gone back in both of two apps, one after the other": cordoned("", "b1 | b2", "g1 | g2") + `
			list b1 cordoned, g1 | b2 cordoned, g2 → F19 drain b1, two/drain b2
			list b1, g1 cordoned | b2 cordoned, g2 → F19 two/drain b2
			begin
			list b1, g1 cordoned | b2 cordoned, g2 → F19
			again → F19
			list b1, g1 cordoned | b2, g2 cordoned → F19
			again → F19
			again → F15 cancel two/drain b2
			do
			again → F15 left
		`,
		"F20: while one of green is uncordoned nobody has gone back": whenOver + `
			list b1, b2, g1, g2 cordoned → F19
			again → F19
			again → F20 draining
		`,
		"F15: before blue serves in each place it is not known what they do": cordoned("", "b1, b2 lhr", "g1, g2 lhr") + `
			list b1 cordoned, b2 lhr cordoned, g1, g2 lhr → F19 drain b1 b2
			list b1, b2 lhr cordoned, g1 cordoned, g2 lhr cordoned → F19
			again → F19
			again → F19
			list b1, b2 lhr, g1 cordoned, g2 lhr cordoned → F15 left
		`,
		"F15: blue that this run has uncordoned does not mean that somebody has gone back": whenOver + `
			begin
			end drain b1
			list b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 cancel drain b2
			do
			again → F15 uncordon b2
			do
			list b2, g1 cordoned, g2 cordoned → F19
			again → F19
			again → F20 person
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
		"F20: what no list has said anything of is left, and named": whenOver + `
			do
			list g1, g2, b9 thin → F20 draining
			says are left, or may be: b9
		`,
		"F16: a rollback makes its release entry, once": `
			rollback b1 from b1 cordoned, g1
			list b1 cordoned, g1 → F5
			again → F7 uncordon b1
			do
			list b1, g1 → F10
			+10s again → F13 cordon g1
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
		"F17: in the background, what drains is left": cordoned("background bake=1h", "b1", "g1") + `
			list b1 cordoned, g1 → F17 reached
			says green serves; a later run drains 1 machine of blue
		`,
		"F18: bake": cordoned("bake=10m", "b1", "g1") + `
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
			+10s again → F13 cordon b1
			do
			list e1 cordoned, b1 cordoned, g1, g2 cordoned → F19 drain b1 e1 g2
		`,
		"F16: what a run that died creates late is cordoned where the floor does not need it": cordoned("bake=10m", "u1", "g1") + `
			list u1 cordoned, g1 → F18
			list u1 cordoned, g1, s1 of=3 → F16 cordon s1
			phase drain
			says a run that died has created since
			do
			list u1 cordoned, g1, s1 of=3 → F16
			list u1 cordoned, g1, s1 of=3 cordoned → F18 for 9m57s
			+10m again → F19 drain s1 u1
		`,
		"F20: what comes late stays where the floor needs it, and is named": whenOver + `
			do
			list g1, g2 critical, s1 of=3 → F19
			again → F19
			again → F20 draining
			says are left, or may be: s1
		`,
		"F20: what comes late stays where somebody uncordons it again, and is named": whenOver + `
			do
			list g1, g2, s1 of=3 cordoned → F19 drain s1
			list g1, g2, s1 of=3 → F19
			again → F19
			again → F20 draining
			says are left, or may be: s1
		`,
		"F16: what comes late stays where it cannot be cordoned, and is named": whenOver + `
			do
			list g1, g2, s1 of=3 → F16 cordon s1
			begin
			end cordon s1: no
			again → F16 cordon s1
			begin
			end cordon s1: no
			again → F16 cordon s1
			begin
			end cordon s1: no
			again → F20 draining
			says are left, or may be: s1
		`,
		"F19: what is not shown cordoned does not go": whenOver + `
			list b1, b2 cordoned, g1, g2 → F19 drain b2
		`,
		"F19: what cannot be reached does not go": whenOver + `
			list b1 unreachable, b2 cordoned, g1, g2 → F19 drain b2
		`,
		"F19: but where machines are stopped at their deadline, what was cordoned then goes too": `
			deploy stoplate from e1 cordoned unreachable, b1, b2 unreachable
			list e1 cordoned unreachable, b1, b2 unreachable → F4 deploy#1
			do
			list e1 cordoned unreachable, b1, b2 unreachable, g1 cordoned, g2 cordoned → F5
			again → F7 …
			do
			list e1 cordoned unreachable, b1, b2 unreachable, g1, g2 → F10
			+10s again → F13 cordon b1
			do
			list e1 cordoned unreachable, b1 cordoned, b2 unreachable, g1, g2 → F10
			+1m again → F19 drain b1 e1
			begin
			list e1 cordoned unreachable, b1 unreachable, b2 unreachable, g1, g2 → F19
			end drain b1
			end drain e1
			+15s again → F20 draining
			says old machines are left, or may be: b1 b2 e1
		`,
		"F20: somebody took blue back": whenOver + `
			list b1, b2 cordoned, g1, g2 → F19 drain b2
			do
			list b1, g1, g2 → F19
			again → F20 draining
			says old machines are left
		`,
		"F19: the list by which the release stands shows blue uncordoned": whenPromoted + `
			list b1, b2, g1, g2 → F10
			+10s again → F13 cordon b1 b2
			begin
			list b1 cordoned, b2 cordoned, g1, g2 → F10
			end cordon b1
			end cordon b2
			list b1, b2, g1, g2 → F19
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
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
		"F19: a standby is drained before the machine that it stands in for": cordoned("", "b1, b2 worker, b3 worker stopped standby=b2", "g1, g2 worker, g3 worker stopped standby=g2") + `
			list b1 cordoned, b2 worker cordoned, b3 worker stopped cordoned standby=b2, g1, g2 worker, g3 worker stopped standby=g2 → F19 drain b1 b3
			do
			list b2 worker cordoned, g1, g2 worker, g3 worker stopped standby=g2 → F19 drain b2
		`,
		"F19: a group without services needs no serving machine": cordoned("", "b1 worker", "g1 worker") + `
			list b1 worker cordoned, g1 worker → F19 drain b1
			list b1 worker cordoned, g1 worker stopped → F19 drain b1
		`,
		"F19: a group that fly.toml dropped needs none": cordoned("groups=app", "b1, b2 web", "g1") + `
			list b1 cordoned, b2 web cordoned, g1 → F19 drain b1 b2
		`,
		"F19: a place where nothing served when the release began needs none": cordoned("", "b1, b2 lhr critical", "g1, g2 lhr") + `
			list b1 cordoned, b2 lhr cordoned critical, g1, g2 lhr critical → F19 drain b1 b2
		`,

		"F15: a person is needed, and drains elsewhere are left": cordoned("", "b1, b2 lhr", "g1, g2 lhr") + `
			list b1 cordoned, b2 lhr cordoned, g1, g2 lhr → F19 drain b1 b2
			begin
			end drain b2
			list b1 cordoned, g1, g2 lhr critical → F19
			+30s again → F19
			+30s again → F15 cancel drain b1
			says nothing is left there to uncordon; the commands under way must end first
			do
			again → F15 person
			cause not healthy
		`,
		"F15: the uncordon of what is left is not ended": whenOver + `
			list b1 destroyed, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 uncordon b2
			begin
			again → F15
			end uncordon b2
			list b2, g1 critical, g2 critical → F19
		`,
		"F15: somebody destroyed some of blue: what is left of it": whenOver + `
			list b1 destroyed, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 uncordon b2
		`,
		"F15: some of blue is out of reach: what is left of it": whenOver + `
			list b1 cordoned unreachable, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 uncordon b2
		`,
		"F15: some of blue was destroyed, and the rest would hold the floor": cordoned("", "b1, b2, b3 critical", "g1, g2, g3") + `
			list b1 cordoned, b2 cordoned, b3 cordoned, g1, g2, g3 → F19 …
			begin
			end drain b1
			list b2 cordoned, b3 cordoned, g1 critical, g2 critical, g3 critical → F19
			+30s again → F19
			+30s again → F15 cancel drain b2 b3
		`,
		"F15: what is left of blue cannot be uncordoned": whenOver + `
			do
			list b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 uncordon b2
			begin
			end uncordon b2: no
			+1s again → F15 uncordon b2
			begin
			end uncordon b2: no
			+1s again → F15 uncordon b2
			begin
			end uncordon b2: no
			again → F15 person
		`,
		"F15: a resumed run takes back a release that does not serve": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			+10s again → F13 cordon b2
			do
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
			list b1 cordoned, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 fail
		`,
		"F19: a standby that runs has nobody's place": `
			deploy from b1 worker, b2 worker stopped standby=b1
			list b1 worker, b2 worker stopped standby=b1 → F4 …
			do
			list b1 worker, b2 worker standby=b1, g1 worker cordoned, g2 worker stopped cordoned standby=g1 → F5
			again → F7 …
			do
			list b1 worker, b2 worker standby=b1, g1 worker, g2 worker stopped standby=g1 → F10
			+10s again → F13 …
			do
			list b1 worker cordoned, b2 worker cordoned standby=b1, g1 worker, g2 worker stopped standby=g1 → F19 drain b1 b2
		`,

		"F20: what a standby that was given up stands in for is left too": cordoned("", "b1 worker, b2 worker stopped standby=b1", "g1 worker, g2 worker stopped standby=g1") + `
			list b1 worker cordoned, b2 worker stopped cordoned standby=b1, g1 worker, g2 worker stopped standby=g1 → F19 drain b2
			begin
			end drain b2: no
			again → F20 draining
		`,

		"F15: two places, and in one of them nothing is left": cordoned("", "b1, b2 lhr", "g1, g2 lhr") + `
			list b1 cordoned, b2 lhr cordoned, g1, g2 lhr → F19 drain b1 b2
			begin
			end drain b1
			end drain b2: canceled
			list b2 lhr cordoned, g1 critical, g2 lhr critical → F19
			+30s again → F19
			+30s again → F15 uncordon b2
			says one: nothing serves in group app in iad; one: nothing serves in group app in lhr: uncordon
			do
			list b2 lhr, g1 critical, g2 lhr critical → F15 person
			says one: nothing serves in group app in iad, and nothing is left there to uncordon
		`,
	})
}
