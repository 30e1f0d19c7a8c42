package rollout

import "testing"

// A run goes on with what another one began, from the lists alone.
func TestForwardOfAnotherRunGoesOnByTheListsAlone(t *testing.T) {
	stories(t, map[string]string{
		"F8: green of one app is not whole for a minute": `
			resume from b1 cordoned, b2, g1, g2 | b3, b4, g3
			list b1 cordoned, b2, g1, g2 | b3, b4, g3 → F10
			+29s again → F11
			+30s again → F11
			+1s again → F8 fail
			says two: green is incomplete: only 1 machines are there
			cause not healthy
		`,
		"F13: green that is at rest as blue is": `
			resume from b1 cordoned, b2 stopped asked, g1, g2 stopped asked
			list b1 cordoned, b2 stopped asked, g1, g2 stopped asked → F10
			+10s again → F13 cordon b2
			do
			list b1 cordoned, b2 stopped asked cordoned, g1, g2 stopped asked → F19 drain b1 b2
		`,
		"F8: green that was stopped, and blue was not": `
			resume from b1 cordoned, b2, g1, g2 stopped asked
			list b1 cordoned, b2, g1, g2 stopped asked → F10
			+30s again → F11
			+30s again → F8 fail
			says g2 is stopped
		`,
		"F8: green that has failed, and blue is at rest": `
			resume from b1 cordoned, b2 stopped asked, g1, g2 stopped exit=1
			list b1 cordoned, b2 stopped asked, g1, g2 stopped exit=1 → F10
			+30s again → F11
			+30s again → F8 person
		`,
		"F8: in a place all of green is at rest, as all of blue is": `
			resume from b1 cordoned, b2 lhr stopped asked, g1, g2 lhr stopped asked
			list b1 cordoned, b2 lhr stopped asked, g1, g2 lhr stopped asked → F10
			+10s again → F11
			+50s again → F8 person
			says in group app in lhr only 0 of its machines can serve, and 1 must, and neither blue nor green is enough alone
		`,
		"F13: what is left of green is whole where no blue is left": `
			resume from b1 cordoned, b2, g1, g2 | g3
			list b1 cordoned, b2, g1, g2 | g3 → F10
			+10s again → F13 cordon b2
		`,
		"F13 F19: green that was never uncordoned is surplus": `
			resume from b1 cordoned, b2, g1, g2, g3 cordoned
			list b1 cordoned, b2, g1, g2, g3 cordoned → F10
			+10s again → F13 cordon b2
			do
			list b1 cordoned, b2 cordoned, g1, g2, g3 cordoned → F19 drain b1 b2 g3
		`,
		"F12: a run that goes on asks the Check again": `
			resume check from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10 for 10s
			+10s again → F12 check
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
			+10s again → F12 check
			do
			again → F13 cordon b2
		`,
		"F8: blue that another run cordoned counts": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			+10s list b1 cordoned, b2, g1 critical, g2 → F11
			+30s again → F11
			+30s again → F8 fail
		`,
		"F13: in a resumed run blue must be no less than what serves of green": `
			resume from b1 cordoned, b2, g1, g2, g3
			list b1 cordoned, b2, g1, g2, g3 → F10
			again → F10
			list b1 cordoned, b2, g1, g2, g3, n1 → F10
			again → F10
			again → F10
			says wait
			+8s again → F13 cordon b2
		`,
		"F13: a Check that was not asked for is not asked": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			+10s again → F13 cordon b2
		`,
	})
}
