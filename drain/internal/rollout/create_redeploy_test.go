package rollout

import "testing"

// F4: a deploy creates the first machine of each group, and is repeated for those that
// it left out.
func TestADeployIsRepeatedForTheGroupsThatItLeftOut(t *testing.T) {
	stories(t, map[string]string{
		"a group of which there is none is deployed again": `
			deploy from b1, b2 worker, b3 web
			list b1, b2 worker, b3 web → F4 deploy#1
			begin
			list b1, b2 worker, b3 web, g1 cordoned → F4
			end deploy#1: transient
			+2s again → F4 for 1s
			+1s again → F4 deploy#2 web,worker
			begin
			again → F4
			end deploy#2 web,worker
			+15s again → F4 deploy#3 web,worker
		`,
		"a fresh count while groups progress": `
			deploy from b1, b2 worker, b3 web
			list b1, b2 worker, b3 web → F4 deploy#1
			do
			list b1, b2 worker, b3 web, g1 cordoned → F4
			+15s again → F4 deploy#2 web,worker
			do
			+15s again → F4 deploy#3 web,worker
			do
			list b1, b2 worker, b3 web, g1 cordoned, g2 worker cordoned → F4
			+15s again → F4 deploy#4 web
			do
			+15s again → F4 deploy#5 web
			do
			+15s again → F4 deploy#6 web
			do
			+14s again → F4
			+1s again → F4 fail
			says one: no machine of web was created in 3 deploys, and flyctl reported success
		`,
		"three deploys that fail": `
			deploy from b1, b2 worker
			list b1, b2 worker → F4 deploy#1
			begin
			end deploy#1: rate
			+3s again → F4 deploy#2
			begin
			end deploy#2: rate
			+3s again → F4 deploy#3
			begin
			end deploy#3: rate
			+2s again → F4
			+1s again → F4 fail
			says no machine of app, worker was created in 3 deploys: too many requests
		`,
		"a deploy that failed for good, and created nothing, is the end with one more list": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			end deploy#1: no
			again → F4 for 1s
			+1s again → F4 fail
			says creating green of one: no
		`,
		"an image that was just pushed, and is not known, is deployed again": `
			deploy image from b1
			list b1 → F4 build
			do
			again → F4 deploy#1
			begin
			end deploy#1: image
			+2s again → F4
			+1s again → F4 deploy#2
		`,
		"a deploy that creates nothing for an hour": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			+1h again → F4
			+1s again → F4 fail
			says flyctl's deploy has created no machine in 1h0m0s
		`,
		"the hour counts from the last machine": `
			deploy from b1, b2 worker
			list b1, b2 worker → F4 deploy#1
			begin
			+50m list b1, b2 worker, g1 cordoned → F4
			+50m again → F4
			+599s again → F4
			+1s again → F4 fail
		`,
		"a deploy that does not end once green is whole is interrupted after five minutes": `
			deploy from b1
			list b1 → F4 deploy#1
			begin
			list b1, g1 cordoned → F4
			says 1 of 1 are there
			+5m again → F4
			+1s again → F4 cancel deploy#1
			do
			again → F7 uncordon g1
		`,
		"a deploy with an image of our own that fails for good": `
			deploy image from b1
			list b1 → F4 build
			do
			again → F4 deploy#1
			begin
			end deploy#1: no
			again → F4
			+1s again → F4 fail
			says creating green of one: no
		`,
		"a deploy that does not end, while another app waits for a clone": `
			deploy from b1, b2 | b3
			list b1, b2 | b3 → F4 deploy#1, two/deploy#1
			begin
			end deploy#1
			list b1, b2, g1 cordoned | b3, g3 cordoned → F4 clone#2 g1 app iad
			begin
			+5m again → F4
			+1s again → F4 cancel two/deploy#1
		`,
	})
}
