package draintest

import (
	"io"
	"os"
	"strings"
	"testing"
)

func TestAMistakeInACommandOfFlysimIsRefusedAndChangesNothing(t *testing.T) {
	const image = "%q is not an image of an app that is here, such as registry.fly.io/my-app:v2"
	for line, want := range map[string]string{
		"frobnicate":              `unknown command "frobnicate"; see flysim help`,
		"KIND 17810000000001":     `unknown command "KIND"; see flysim help`,
		"account all":             "account: \"all\" is one argument too many\nusage: flysim account; see flysim help",
		"account -all":            "account: flag provided but not defined: -all",
		"breaches S1":             `breaches: "S1" is one argument too many`,
		"baseline my-app":         `baseline: "my-app" is one argument too many`,
		"faults machine":          `faults: "machine" is one argument too many`,
		"list my-app worker":      `list: "worker" is one argument too many`,
		"list nope":               `list: no app "nope"`,
		"calls machine stop":      `calls: "stop" is one argument too many`,
		"calls machine_destory":   `calls: no command of the simulated flyctl begins with "machine destory"`,
		"app my-app app=iad:1":    `app: there is an app "my-app" already`,
		"app app=iad:1":           `app: "app=iad:1" is not the name of an app`,
		"app bad app=iad":         "app: \"app=iad\" is not of the form GROUP=REGION:N,…\nusage: flysim app NAME [GROUP=REGION:N,…]…; see flysim help",
		"machine nope":            `machine: no app "nope"`,
		"machine my-app -group x": `machine: the app has no group "x"`,
		"machine my-app -image x": "machine: " + strings.ReplaceAll(image, "%q", `"x"`),

		"image registry.fly.io/my-ap:v2 -missing":   "image: " + strings.ReplaceAll(image, "%q", `"registry.fly.io/my-ap:v2"`),
		"image registry.fly.io/my-app:v2 -unhealty": "image: flag provided but not defined: -unhealty\nusage: flysim image REF [-FLAG…]; see flysim help",
		"answer 17810000000009 left -stdout 4":      `answer: "17810000000009" is neither a machine nor an image of an app that is here`,
		"mark 20240101T000000Z-ab12 17810000000001": `mark: "20240101T000000Z-ab12" is not a mark, such as 20240101T000000Z-ab12/1/2`,
		"mark 20240101T000000Z-ab12/1/2":            "mark: ID… is missing",
		"mark 20240101T000000Z-ab12/1/2 1":          `mark: no machine "1"`,
		"volume my-app data":                        "volume: N is missing",

		"connect":                        "connect: APP is missing\nusage: flysim connect APP N [-group G] [-region R] [-lives D]; see flysim help",
		"connect my-app":                 "connect: N is missing",
		"connect my-app four":            `connect: "four" is not a number`,
		"connect my-app 4 -group web":    `connect: the app has no group "web"`,
		"connect my-app 4 -lives 40":     `connect: invalid value "40" for flag -lives: must be a duration, such as 40s`,
		"connect my-app 4 -lives 4s 2":   `connect: "2" comes after a flag: flags come last`,
		"load nope":                      `load: no app "nope"`,
		"load my-app -every 0s":          "load: nothing comes every 0s",
		"load my-app -app nope":          `load: no app "nope"`,
		"hangup 123 1":                   `hangup: no machine "123"`,
		"hangup 17810000000001 3":        "hangup: machine 17810000000001 has only 2 connections",
		"cordon nobody":                  "cordon: no machine \"nobody\"\nusage: flysim cordon ID [-in D]",
		"destroy":                        "destroy: ID is missing",
		"deploy 17810000000001 -image x": "deploy: " + strings.ReplaceAll(image, "%q", `"x"`),
		"advance 40":                     `advance: "40" is not a duration, such as 40s`,
		"await":                          "await: hang is missing",
		"await hung":                     `await: "hung" is not one of hang`,

		"fault machine uncordn -status 500":           `fault: the simulated flyctl has no command "machine uncordn"`,
		"fault -status 500":                           "fault: COMMAND… is missing",
		"fault machine uncordon":                      "fault: it does nothing: add -status, -slow, -hang, -cut, -exit, -outlive or -view",
		"fault machine list -keep 9":                  "fault: it does nothing: ",
		"fault machine list -view stale":              "fault: it does nothing: ",
		"fault machine list -view short":              "fault: it does nothing: ",
		"fault machine list -view thin":               `fault: "thin" is not one of stale, empty, short,`,
		"fault deploy -call make -status 500":         `fault: "make" is not one of get, list, `,
		"fault deploy -app nope -status 500":          `fault: no app "nope"`,
		"fault machine stop -machine 123 -status 500": `fault: "123" is not the id of a machine, such as 17810000000001`,
		"set boot":                     "set: VALUE is missing",
		"set now 2023-12-31T23:59:59Z": "set: it is 2024-01-01T00:00:00Z already",
		"set now noon":                 `set: parsing time "noon"`,
		"machine empty":                "machine: the app was never deployed",
		"set -boot":                    "set: KEY is missing\nusage: flysim set KEY VALUE; see flysim help",
		"set boot 3s 4s":               `set: "4s" is one argument too many`,
		"set boot 3":                   `set: boot cannot be "3": must be a duration, such as 40s`,
		"set colour red":               `set: no KEY "colour"`,
		"set allow S9":                 `set: "S9" is not one of S1, S2, S3, S4, S5`,
		"set allow S1,S9":              `set: "S9" is not one of S1, S2, S3, S4, S5`,
		"set cordon-cuts udp":          `set: "udp" is not one of websocket, stream, h2, tcp`,
		"set cordon-lost boot":         `set: "boot" is not one of start, restart, update`,
	} {
		t.Run(line, func(t *testing.T) {
			d := &folder{dir: t.TempDir()}
			for _, line := range []string{"init", "app my-app app=iad:2", "connect my-app 4"} {
				if err := sim(d, strings.Fields(line), io.Discard); err != nil {
					t.Fatal(err)
				}
			}
			_ = d.do(func(w *World) { w.Apps["empty"] = &App{Name: "empty"} })
			before, _ := os.ReadFile(d.state())
			words := strings.Fields(line)
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], "_", " ")
			}
			err := sim(d, words, io.Discard)
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
			if after, _ := os.ReadFile(d.state()); string(after) != string(before) {
				t.Error("it has changed something")
			}
		})
	}
}
