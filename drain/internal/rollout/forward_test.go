package rollout

import (
	"strings"
	"testing"
)

// Beginnings of stories.
const (
	whenCreated = `
		deploy from b1, b2
		list b1, b2 → F4 deploy#1
		do
		list b1, b2, g1, g2 → F2 cordon g1 g2
		do
	`
	whenHeld = whenCreated + `
		list b1, b2, g1 cordoned, g2 cordoned → F5
	`
	whenPromoted = whenHeld + `
		again → F7 uncordon g1 g2
		do
	`
	whenCordoned = whenPromoted + `
		list b1, b2, g1, g2 → F10
		+10s again → F13 cordon b1 b2
		do
	`
	whenOver = whenCordoned + `
		list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
	`
)

// promoted begins the story of a release: lists show green of all apps uncordoned.
func promoted(options, blue, green string) string {
	beside := func(held string) string { // the rows of each app
		var apps []string
		blues := strings.Split(blue, " | ")
		for i, of := range strings.Split(green, " | ") {
			apps = append(apps, blues[i]+", "+strings.ReplaceAll(of, ",", held+",")+held)
		}
		return strings.Join(apps, " | ")
	}
	return `
		deploy ` + options + ` from ` + blue + `
		list ` + blue + ` → F4 …
		do
		list ` + beside(" cordoned") + ` → F5
		again → F7 …
		do
		list ` + beside("") + ` → F10
	`
}

// cordoned goes on until blue has been given its cordons.
func cordoned(options, blue, green string) string {
	return promoted(options, blue, green) + `
		+10s again → F13 …
		do
	`
}

func TestForwardReplacesBlueWithGreen(t *testing.T) {
	stories(t, map[string]string{
		"F2 F4 F5 F7 F9 F10 F13 F19 F20: a release": `
			deploy from b1, b2
			list b1, b2 → F4 deploy#1
			phase prepare
			says create green of one
			begin
			again → F4
			list b1, b2, g1 starting → F2 clone#2 g1 app iad, cordon g1
			phase prepare
			says hold green
			begin
			again → F2
			end cordon g1
			end deploy#1 made g1
			list b1, b2, g1 starting cordoned → F4
			says 1 of 2 are there
			end clone#2 g1 app iad made g2
			again → F2 cordon g2
			begin
			list b1, b2, g1 cordoned, g2 starting → F2
			end cordon g2
			list b1, b2, g1 cordoned, g2 starting cordoned → F5 for 5m0s
			phase gate
			says wait until green is healthy: machine g2 of one is starting
			+10s list b1, b2, g1 cordoned, g2 cordoned critical → F5 for 4m50s
			says started, but its check http is critical
			+10s list b1, b2, g1 cordoned, g2 cordoned → F5 for 400ms
			says seen twice in a row
			again → F7 uncordon g1 g2
			phase cutover
			says all 2 healthy, seen twice in a row
			begin
			end uncordon g1
			again → F9
			end uncordon g2
			list b1, b2, g1, g2 cordoned → F9
			says no list shows uncordoned
			list b1, b2, g1, g2 → F10 for 10s
			says wait 10s for routing
			+9s again → F10 for 1s
			+1s again → F13 cordon b1 b2
			says routing has had 10s to change
			begin
			end cordon b1
			list b1 cordoned, b2, g1, g2 → F10
			end cordon b2
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
			phase drain
			says drain 2 machines
			begin
			end drain b1
			list b2 cordoned, g1, g2 → F19
			says drain 1 machine,
			end drain b2
			list g1, g2 → F20 reached
		`,
	})
}
