package rollout

import "testing"

func TestWhatIsCreatedIsHeldBeforeAListShowsIt(t *testing.T) {
	const twoBegun = `
		deploy from b1, b2, b3
		list b1, b2, b3 → F4 deploy#1
		do
		list b1, b2, b3, g1 cordoned → F4 clone#2 g1 app iad, clone#3 g1 app iad
		begin
	`
	stories(t, map[string]string{
		"each as flyctl names it, and the list waits": twoBegun + `
			end clone#2 g1 app iad made g2 → cordon g2 wait
			begin
			end clone#3 g1 app iad made g3 → cordon g3 wait
			begin
			end cordon g2 → wait
			end cordon g3 → wait
			list b1, b2, b3, g1 cordoned, g2 cordoned, g3 cordoned → F5
		`,
		"again, if it failed": twoBegun + `
			end clone#2 g1 app iad made g2 → cordon g2 wait
			begin
			+2s again → F2
			end cordon g2: transient → wait
			+1s again → F2 cordon g2
		`,
		"the deploy's by the next list": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			end deploy#1 made g1 → list
			again → F2 cordon g1
		`,
		"nothing but a hold is begun": `
			deploy from b1 worker, b2 worker stopped, b3 worker stopped
			list b1 worker, b2 worker stopped, b3 worker stopped → F4 deploy#1
			do
			list b1 worker, b2 worker stopped, b3 worker stopped, g1 worker cordoned → F4 clone#2 g1 worker iad, clone#3 g1 worker iad
			begin
			list b1 worker, b2 worker stopped, b3 worker stopped, g1 worker cordoned, g2 worker → F2 rest g2
			end clone#2 g1 worker iad → wait
		`,
		"not when the release goes back": twoBegun + `
			list b1 cordoned, b2, b3, g1 cordoned → F4
			again → F4
			again → F3 fail
			turn
			end clone#2 g1 app iad made g2 → list
		`,
		"not of blue at the cutover, whose commands are looked at together": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			do
			list b1, b2, g1 cordoned → F4 clone#2 g1 app iad
			do
			+15s list b1, b2, g1 cordoned, g2 cordoned → F5
			again → F7 uncordon g1 g2
			begin
			end uncordon g1 → wait
			end uncordon g2 → list
			list b1, b2, g1, g2 → F10
			+11s again → F13 cordon b1 b2
			begin
			end cordon b1 → wait
			end cordon b2 → list
		`,
	})
}
