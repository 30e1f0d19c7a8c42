package draintest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fly is a Fly with an app, for one bubble.
func fly(t *testing.T, f func(t *testing.T, f *Fly, ids []string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := New(time.Now())
		if err := w.AddApp("my-app", "app=iad:3"); err != nil {
			t.Fatal(err)
		}
		f(t, NewFly(w), append([]string(nil), w.Apps["my-app"].Machines...))
	})
}

func (f *Fly) fault(one Fault) { f.Do(func(w *World) { w.Faults = append(w.Faults, &one) }) }

func (f *Fly) cordoned(id string) (on bool) {
	f.Do(func(w *World) { on = w.Machine(id).Cordoned })
	return on
}

func TestARefusedCommandHasFlyctlsWordsAndTakesEffectOnlyIfItIsToldSo(t *testing.T) {
	for _, status := range []int{401, 408, 422, 429, 500} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(status, after), func(t *testing.T) {
				fly(t, func(t *testing.T, f *Fly, ids []string) {
					f.fault(Fault{Command: "machine cordon", Status: status, AfterEffect: after, Times: 1})
					_, talk := sh(t, f, 1, "machine", "cordon", ids[0], "-a", "my-app")
					if want := fmt.Sprintf("Error: failed to cordon VM: request returned non-2xx status: %d: ", status); !strings.HasPrefix(talk, want) {
						t.Errorf("%q, want %q", talk, want)
					}
					if f.cordoned(ids[0]) != after {
						t.Errorf("cordoned %t", !after)
					}
					sh(t, f, 0, "machine", "cordon", ids[0], "-a", "my-app") // the lease went back
				})
			})
		}
	}
}

func TestATransportThatRepeatsMakesDoubles(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.fault(Fault{Command: "machine clone", Status: 502, AfterEffect: true, Times: 1})
		sh(t, f, 0, "machine", "clone", ids[0], "--detach", "-a", "my-app")
		f.Do(func(w *World) {
			if n := len(w.Live("my-app")); n != 5 {
				t.Errorf("%d machines, want 5", n)
			}
		})
	})
}

func TestAFaultStrikesItsMachineOnlyAndOnlyAfterTheCallsThatItSkips(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.fault(Fault{Command: "machine cordon", Machine: ids[1], Status: 500})
		sh(t, f, 1, "machine", "cordon", ids[0], ids[1], ids[2], "-a", "my-app")
		if !f.cordoned(ids[0]) || f.cordoned(ids[1]) || f.cordoned(ids[2]) {
			t.Error("flyctl cordons in turn, up to the first failure")
		}
		f.Do(func(w *World) { w.Faults = nil })
		f.fault(Fault{Command: "machine cordon", Skip: 1, Times: 1, Status: 500})
		sh(t, f, 0, "machine", "cordon", ids[0], "-a", "my-app")
		sh(t, f, 1, "machine", "cordon", ids[1], "-a", "my-app")
		sh(t, f, 0, "machine", "cordon", ids[1], "-a", "my-app")
	})
}

func TestOutputIsCutOffAndAnExitCodeWrongAsAFaultSays(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.fault(Fault{Command: "machine list", Cut: true, Keep: 20, Times: 1})
		f.fault(Fault{Command: "machine stop", Exit: 1})
		if out, _ := sh(t, f, 0, "machine", "list", "--json", "-a", "my-app"); len(out) != 20 {
			t.Errorf("%q", out)
		}
		sh(t, f, 1, "machine", "stop", ids[0], "-a", "my-app")
		f.Do(func(w *World) {
			if w.Machine(ids[0]).State != "stopped" {
				t.Error("it was not stopped")
			}
		})
	})
}

func TestAnAnswerMayContradictTheList(t *testing.T) {
	for name, c := range map[string]struct {
		command string
		fault   Fault
		says    string // with %s for the machine
	}{
		"gone, when it is looked up":  {"cordon", Fault{Call: "get", Status: 404}, "Error: machine %s was not found in app 'my-app'\n"},
		"gone, when it is uncordoned": {"uncordon", Fault{Status: 404}, "Error: failed to uncordon VM: machine not found\n"},
		"another state": {"start", Fault{Status: 412, Message: "unable to start machine from current state: 'replacing'"},
			"Error: could not start machine %[1]s: failed to start VM %[1]s: unable to start machine from current state: 'replacing'\n"},
		"another state, as it may be": {"stop", Fault{Status: 412}, "current state: 'replacing'\n"},
	} {
		t.Run(name, func(t *testing.T) {
			fly(t, func(t *testing.T, f *Fly, ids []string) {
				c.fault.Command, c.fault.Machine, c.fault.Times = "machine "+c.command, ids[1], 2
				f.fault(c.fault)
				run := func(exit int, id string) string {
					_, talk := sh(t, f, exit, "machine", c.command, id, "-a", "my-app")
					return talk
				}
				run(0, ids[0])
				for range 2 {
					want := c.says
					if strings.Contains(want, "%") {
						want = fmt.Sprintf(want, ids[1])
					}
					if talk := run(1, ids[1]); !strings.HasSuffix(talk, want) {
						t.Errorf("%q, want %q", talk, want)
					}
				}
				run(0, ids[1])
			})
		})
	}
}
