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
