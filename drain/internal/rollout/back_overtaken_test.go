package rollout

import "testing"

func TestBackLeavesBlueAsItIsOnceAnotherReleaseHasTakenOver(t *testing.T) {
	stories(t, map[string]string{
		"B8 B9: another release has taken over, so blue stays as it is": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			list b1 cordoned, b2 cordoned, g1 cordoned, g2 cordoned, n1, n2 → F10
			again → F10
			again → F8 fail
			turn
			again → B8 drain g1 g2
			do
			list b1 cordoned, b2 cordoned, n1, n2 → B9 undone
		`,
		"B2: machines of somebody else serve, and are too few": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			list b1 cordoned, b2 cordoned, g1 cordoned, g2 cordoned, n1 → F10
			again → F10
			again → F8 fail
			turn
			decide → B2 uncordon b1 b2
		`,
		"B2: machines of somebody else serve beside green": whenCordoned + `
			list b1 cordoned, b2, g1, g2 → F10
			list b1 cordoned, b2 cordoned, g1 cordoned, g2, n1, n2 → F10
			again → F10
			again → F8 fail
			turn
			decide → B2 uncordon b1 b2
		`,
		"B2: somebody has cordoned green of a group without services": promoted("", "b1 worker", "g1 worker") + `
			+10s again → F13 cordon b1
			do
			list b1 worker, g1 worker cordoned → F10
			again → F10
			again → F8 fail
			turn
			decide → B2 uncordon b1
		`,
	})
}

// A run whose flyctl hangs for a minute looks dead, and goes on.
func TestBackOfAnotherRunEndsWhenThatRunIsAlive(t *testing.T) {
	stories(t, map[string]string{
		"B1: it uncordons green, for three lists": `
			resume from b1, b2, g1 cordoned, g2 cordoned
			list b1, b2, g1 cordoned, g2 cordoned → B8
			again → B8
			again → B8 drain g1 g2
			begin
			+15s again → B8
			list b1, b2, g1, g2 cordoned → B1 cancel drain g1 g2
			do
			again → B1
			again → B1 left
			says one: another run is at work on this release, and has uncordoned machine g1
			cause changed by somebody else
		`,
		"B1: and cordons blue": `
			resume from b1, b2, g1 cordoned, g2 cordoned
			list b1, b2, g1 cordoned, g2 cordoned → B8
			+15s again → B8
			list b1 cordoned, b2 cordoned, g1, g2 → B1
			again → B1
			again → B1 left
		`,
		"B5: the lists that showed green held may have been late": `
			resume from b1, b2, g1 cordoned, g2 cordoned
			list b1, b2, g1 cordoned, g2 cordoned → B8
			+1m list b1, b2, g1, g2 → B5 cordon g1 g2
		`,
		"B8: it is shown held again": `
			resume from b1, b2, g1 cordoned, g2 cordoned
			list b1, b2, g1 cordoned, g2 cordoned → B8
			+15s again → B8
			list b1, b2, g1, g2 cordoned → B1
			list b1, b2, g1 cordoned, g2 cordoned → B8
		`,
		"B5: this run has uncordoned it itself": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			list b1 cordoned, b2, g1 cordoned, g2 → F9 uncordon g1
			+15s again → F9 uncordon g1
			do
			list b1 cordoned, b2, g1, g2 critical → F10
			+30s again → F11
			+31s again → F8 fail
			turn
			again → B2 uncordon b1
			do
			list b1, b2, g1, g2 critical → B3
			+10s again → B5 cordon g1 g2
		`,
		"B4: green of this run's own is held again": illAndHeld + `
			+15s list b1, b2, g1 cordoned, g2 critical cordoned → B8 …
			list b1, b2, g1, g2 critical cordoned → B4 cordon g1
		`,
	})
}
