package rollout

import "testing"

// F2, F5: what blue had at rest is held and stopped, and counts as well then.
func TestWhatBlueHadAtRestIsStoppedAsItIsCreated(t *testing.T) {
	stories(t, map[string]string{
		"F2: a worker, also one that runs already, and last of its group": `
			deploy from b1 worker, b2 worker stopped
			list b1 worker, b2 worker stopped → F4 deploy#1
			do
			list b1 worker, b2 worker stopped, g1 worker cordoned → F4 clone#2 g1 worker iad
			do
			list b1 worker, b2 worker stopped, g1 worker cordoned, g2 worker → F2 rest g2
			begin
			again → F2
			end rest g2
			+1s again → F2
			list b1 worker, b2 worker stopped, g1 worker cordoned, g2 worker stopped cordoned → F4
			list b1 worker, b2 worker stopped, g1 worker cordoned, g2 worker cordoned → F2 rest g2
			list b1 worker, b2 worker stopped, g1 worker cordoned, g2 worker stopped cordoned → F4
			+15s again → F7 uncordon g1 g2
		`,
		"F2: one that cannot be stopped is held, and runs": `
			deploy from b1 worker stopped
			list b1 worker stopped → F4 deploy#1
			do
			list b1 worker stopped, g1 worker → F2 rest g1
			begin
			end rest g1: no
			+1s again → F2 rest g1
			begin
			end rest g1: no
			+1s again → F2 rest g1
			begin
			end rest g1: no
			+1s again → F2 cordon g1
			do
			list b1 worker stopped, g1 worker cordoned → F5
			again → F7 uncordon g1
		`,
		"F2: what has services before it runs": `
			deploy from b1, b2 stopped autostart
			list b1, b2 stopped autostart → F4 deploy#1
			do
			list b1, b2 stopped autostart, g1 cordoned → F4 clone#2 g1 app iad
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 created autostart → F2 rest g2
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 stopped cordoned autostart → F4
			+15s again → F7 uncordon g1 g2
		`,
		"F2: not what may serve": `
			deploy from b1, b2 stopped autostart
			list b1, b2 stopped autostart → F4 deploy#1
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 autostart → F2 cordon g2
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 cordoned autostart → F5
			again → F7 uncordon g1 g2
		`,
		"F2: nor what did before it was seen starting again": `
			deploy from b1, b2 stopped autostart
			list b1, b2 stopped autostart → F4 deploy#1
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 autostart → F2 cordon g2
			list b1, b2 stopped autostart, g1 cordoned, g2 starting autostart → F2 cordon g2
		`,
		"F2: nor what may have served, and is held": `
			deploy from b1, b2 stopped autostart
			list b1, b2 stopped autostart → F4 deploy#1
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 autostart → F2 cordon g2
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 cordoned autostart critical → F5
		`,
		"F2: what was held in time, and is not fit for traffic": `
			deploy from b1, b2 stopped autostart
			list b1, b2 stopped autostart → F4 deploy#1
			do
			list b1, b2 stopped autostart, g1 cordoned, g2 starting cordoned autostart → F2 rest g2
			begin
			end rest g2: no
			+1s list b1, b2 stopped autostart, g1 cordoned, g2 cordoned autostart critical → F2 rest g2
			list b1, b2 stopped autostart, g1 cordoned, g2 cordoned autostart → F5
		`,
		"F2: not what cannot be reached": `
			deploy from b1 worker stopped
			list b1 worker stopped → F4 deploy#1
			do
			list b1 worker stopped, g1 worker cordoned → F2 rest g1
			list b1 worker stopped, g1 thin → F5
		`,
		"F6: in a pipe, as many as blue has at rest in a place": `
			rollback wellonly to g1 g2 g3 g4 from b1, b2 stopped asked, b3 worker stopped asked, g1 cordoned, g2 cordoned stopped asked, g3 worker cordoned stopped asked, g4 worker cordoned stopped asked
			list b1, b2 stopped asked, b3 worker stopped asked, g1 cordoned, g2 cordoned stopped asked, g3 worker cordoned stopped asked, g4 worker cordoned stopped asked → F5 start g4
			list b1, b2 stopped asked, b3 worker stopped asked, g1 cordoned, g2 cordoned stopped asked, g3 worker cordoned stopped asked, g4 worker cordoned → F5
			again → F6 reached
		`,
		"F5: a rollback starts what drained, also where blue is at rest": `
			rollback to b1 b2 from b1 cordoned, b2 worker stopped asked cordoned, g1, g2 worker stopped asked
			list b1 cordoned, b2 worker stopped asked cordoned, g1, g2 worker stopped asked → F5 start b2
		`,
		"F5: a program that ended with 0 is well, and is not started": `
			deploy from b1 worker
			list b1 worker → F4 deploy#1
			do
			list b1 worker, g1 worker cordoned stopped exit=0 → F5
			again → F7 uncordon g1
		`,
		"F5: one that failed is not": `
			deploy from b1 worker
			list b1 worker → F4 deploy#1
			do
			list b1 worker, g1 worker cordoned stopped exit=1 → F5 start g1
		`,
		"F7: a worker that somebody stopped is well too": `
			deploy from b1, b2 worker
			list b1, b2 worker → F4 deploy#1
			do
			list b1, b2 worker, g1 cordoned, g2 worker stopped asked cordoned → F5
			again → F7 uncordon g1 g2
		`,
		"F5: one that ended in an unknown way is not": `
			deploy from b1 worker
			list b1 worker → F4 deploy#1
			do
			list b1 worker, g1 worker cordoned stopped → F5 start g1
		`,
		"F5: nor what has services": `
			deploy from b1
			list b1 → F4 deploy#1
			do
			list b1, g1 cordoned stopped exit=0 → F5 start g1
		`,
	})
}

// F4: the release command runs before anything is created, and once.
func TestTheReleaseCommandRunsFirst(t *testing.T) {
	stories(t, map[string]string{
		"F4: before green, of each app": `
			deploy release from b1 | b1
			list b1 | b1 → F4 release, two/release
			phase prepare
			begin
			again → F4
			end release
			again → F4 deploy#1
			begin
			end two/release
			again → F4 two/deploy#1
		`,
		"F4: after the build": `
			deploy release image from b1
			list b1 → F4 build
			do
			again → F4 release
			do
			again → F4 deploy#1
		`,
		"F1: its failure is the end": `
			deploy release from b1
			list b1 → F4 release
			begin
			end release: no
			again → F1 fail
		`,
		"F4: a fault that passes is tried again": `
			deploy release from b1
			list b1 → F4 release
			begin
			end release: rate
			again → F4
			+5s again → F4 release
		`,
		"F4: an image just pushed that the registry does not know yet is tried again": `
			deploy release image from b1
			list b1 → F4 build
			do
			again → F4 release
			begin
			end release: image
			+5s again → F4 release
			begin
			end release: image
			+5s again → F4 release
			begin
			end release: image
			again → F1 fail
		`,
		"F1: one that nobody has just pushed is not": `
			deploy release from b1
			list b1 → F4 release
			begin
			end release: image
			again → F1 fail
		`,
		"F1: nor is another failure after a push": `
			deploy release image from b1
			list b1 → F4 build
			do
			again → F4 release
			begin
			end release: no
			again → F1 fail
		`,
		"F4: a deploy is repeated without it": `
			deploy release from b1
			list b1 → F4 release
			do
			again → F4 deploy#1
			begin
			end deploy#1: rate
			+3s again → F4 deploy#2
		`,
	})
}

// F4: a deploy has one size for all that it creates.
func TestADeployCreatesGroupsOfOneSize(t *testing.T) {
	stories(t, map[string]string{
		"F4: one after another, without a pause": `
			deploy from b1 mb=512, b2 worker mb=1024, b3 web mb=512
			list b1 mb=512, b2 worker mb=1024, b3 web mb=512 → F4 deploy#1 app,web
			begin
			list b1 mb=512, b2 worker mb=1024, b3 web mb=512, g1 cordoned mb=512, g2 web cordoned mb=512 → F4
			end deploy#1 app,web
			again → F4 deploy#2 worker
			begin
			end deploy#2 worker
			+14s again → F4
			+1s again → F4 deploy#3 worker
		`,
	})
}
