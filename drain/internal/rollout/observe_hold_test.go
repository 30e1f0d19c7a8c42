package rollout

import (
	"testing"
)

// What leaves at once never could have served, as far as lists show.
func TestWhatMayHaveServedDrains(t *testing.T) {
	const turnsBack = `
			+5s again → F5
			+5s again → F5
			again → F5
			+5m again → F5 fail
			turn
			again → B8`
	all := map[string]string{}
	for name, c := range map[string]struct{ lists, want string }{
		"started when it was uncordoned, and stopped by the time it was held": {`
			list b1, g1 critical → F2 cordon g1
			do
			list b1, g1 created cordoned → F5`, "drain g1"},
		"started, then not, all the while uncordoned": {`
			list b1, g1 critical → F2 cordon g1
			begin
			list b1, g1 created → F2
			end cordon g1
			list b1, g1 created cordoned → F5`, "drain g1"},
		"not started until it was held": {`
			list b1, g1 created → F2 cordon g1
			begin
			list b1, g1 starting → F2
			end cordon g1
			list b1, g1 starting cordoned → F5`, "destroy g1"},
		"started when it was first seen, held": {`
			list b1, g1 critical cordoned → F5`, "drain g1"},
		"started, without a service, when it was first seen, held": {`
			list b1, g1 created cordoned → F5`, "destroy g1"},
		"out of reach while it was uncordoned": {`
			list b1, g1 created → F2 cordon g1
			begin
			list b1, g1 unreachable → F2
			end cordon g1
			list b1, g1 created cordoned → F5`, "drain g1"},
		"out of reach when all proxies did not know of the hold": {`
			list b1, g1 created → F2 cordon g1
			do
			list b1, g1 created cordoned → F5
			list b1, g1 unreachable → F5
			list b1, g1 created cordoned → F5`, "drain g1"},
		"healthy when all proxies did not know of the hold": {`
			list b1, g1 created → F2 cordon g1
			do
			list b1, g1 created cordoned → F5
			list b1, g1 cordoned → F5
			list b1, g1 critical cordoned → F5`, "drain g1"},
		"ill when all proxies did not know of the hold": {`
			list b1, g1 created → F2 cordon g1
			do
			list b1, g1 created cordoned → F5
			list b1, g1 critical cordoned → F5`, "destroy g1"},
		"healthy when it was first seen, uncordoned": {`
			list b1, g1 → F2 cordon g1
			do
			list b1, g1 cordoned critical → F5`, "drain g1"},
		"not looked at for more than 5 seconds": {`
			list b1, g1 created → F2 cordon g1
			do
			list b1, g1 created cordoned → F5
			+5001ms again → F5`, "drain g1"},
		"uncordoned by somebody in between": {`
			list b1, g1 created → F2 cordon g1
			do
			list b1, g1 created cordoned → F5
			+5s again → F5
			+5s again → F5
			list b1, g1 created → F2 cordon g1
			do
			list b1, g1 created cordoned → F5`, "drain g1"},
		"out of reach when all proxies knew of the hold": {`
			list b1, g1 created cordoned → F5
			+5s again → F5
			+5s again → F5
			again → F5
			+5s list b1, g1 unreachable → F5
			list b1, g1 created cordoned → F5`, "destroy g1"},
		"healthy only when all proxies knew of the hold": {`
			list b1, g1 created cordoned → F5
			+5s again → F5
			+5s again → F5
			again → F5
			+5s list b1, g1 cordoned → F5
			list b1, g1 critical cordoned → F5`, "destroy g1"},
	} {
		all["B8: "+name] = `
			deploy from b1
			list b1 → F4 deploy#1
			do` + c.lists + turnsBack + " " + c.want
	}
	stories(t, all)
	stories(t, map[string]string{
		"B8: green whose uncordon was given, though no list shows it": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 created cordoned → F5
			+5s again → F5
			+5s again → F5
			again → F5
			list b1, g1 cordoned, n1 → F5
			list b1, g1 cordoned, n1 destroyed → F5
			again → F7 uncordon g1
			begin
			list b1, g1 cordoned, n2 → F9
			again → F9
			again → F8 fail
			turn
			again → B1 cancel uncordon g1
			do
			again → B8 drain g1
		`,
		"F5: surplus that never could have served goes with a goal of held green": `
			deploy heldonly from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 created cordoned, g2 created cordoned → F5
			says wait until it is known whether the surplus machines have served
			+5s again → F5
			+5s again → F5
			again → F5 destroy g2
			says destroy the surplus machines
			begin
			again → F5
			end destroy g2
			list b1, g1 created cordoned → F5 reached
		`,
		"F5: surplus that may have served stays held": `
			deploy heldonly from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned, g2 cordoned → F5 reached
		`,
		"F5: surplus that is destroyed, and listed still": `
			deploy heldonly from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 created cordoned, g2 created cordoned → F5
			+5s again → F5
			+5s again → F5
			again → F5 destroy g2
			do
			again → F5 reached
		`,
	})
}
