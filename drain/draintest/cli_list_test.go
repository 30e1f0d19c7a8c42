package draintest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// rows are what machine list answers.
func rows(t *testing.T, f *Fly) (all []shown) {
	t.Helper()
	out, _ := sh(t, f, 0, "machine", "list", "--json", "-a", "my-app")
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAThinRowLacksWhatItsFaultTakesAway(t *testing.T) {
	for view, lacks := range map[string]func(row shown) bool{
		"no-config":   func(r shown) bool { return r.Config == nil && r.Incomplete == nil && r.Checks == nil },
		"no-image":    func(r shown) bool { return r.ImageRef == imageRef{} },
		"1970":        func(r shown) bool { return r.CreatedAt == "1970-01-01T00:00:00Z" },
		"no-cordoned": func(r shown) bool { return r.Cordoned == nil },
	} {
		t.Run(view, func(t *testing.T) {
			fly(t, func(t *testing.T, f *Fly, ids []string) {
				f.fault(Fault{View: view, Machine: ids[1], Skip: 1, Times: 1})
				for n, want := range []string{"false false false", "false true false", "false false false"} {
					all := rows(t, f)
					if got := fmt.Sprint(lacks(all[0]), lacks(all[1]), lacks(all[2])); got != want {
						t.Errorf("list %d: thin rows %s, want %s", n+1, got, want)
					}
				}
			})
		})
	}
}

func TestAListMayLackOneMachine(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.fault(Fault{View: "short", Machine: ids[1]})
		if all := rows(t, f); len(all) != 2 || all[0].ID != ids[0] || all[1].ID != ids[2] {
			t.Errorf("%d rows", len(all))
		}
	})
}

func TestADeadHostRefusesWritesAndItsRowIsThin(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.Do(func(w *World) { w.Do(Action{Kind: "unreachable", Machine: ids[0]}) })
		for _, command := range []string{"cordon", "uncordon", "stop"} {
			_, talk := sh(t, f, 1, words("machine "+command+" -a my-app "+ids[0])...)
			if !strings.Contains(talk, "deadline_exceeded") {
				t.Errorf("%s: %s", command, talk)
			}
		}
		sh(t, f, 0, words("machine destroy --force -a my-app "+ids[0])...) // it is noted
		r := rows(t, f)[0]
		if r.HostStatus != "unreachable" || r.Config != nil || r.Incomplete.Image == "" {
			t.Errorf("%+v", r)
		}
		time.Sleep(5 * time.Second) // for the rate limits
		f.fault(Fault{View: "no-config", Machine: ids[0]})
		if r := rows(t, f)[0]; r.Incomplete != nil {
			t.Errorf("%+v", r)
		}
		f.Do(func(w *World) { w.Do(Action{Kind: "reachable", Machine: ids[0]}) })
		_, talk := sh(t, f, 1, words("machine cordon -a my-app "+ids[0])...)
		if !strings.Contains(talk, "was not found") { // that destroy is done when its host is back
			t.Error(talk)
		}
	})
}

func TestALeaseOfSomebodyElseShowsAsANonce(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.Do(func(w *World) { w.Do(Action{Kind: "lease", Machine: ids[1], For: time.Minute}) })
		if all := rows(t, f); all[0].Nonce != "" || all[1].Nonce == "" {
			t.Errorf("nonces %q, %q", all[0].Nonce, all[1].Nonce)
		}
		time.Sleep(time.Minute)
		if all := rows(t, f); all[1].Nonce != "" {
			t.Errorf("nonce %q of a lease that has ended", all[1].Nonce)
		}
	})
}

func TestAMachineThatNamesNoGroupIsOfTheDefaultOne(t *testing.T) {
	for shape, group := range map[string]string{"app=iad:2": "app", "web=iad:2": "web"} {
		synctest.Test(t, func(t *testing.T) {
			f := NewFly(nil)
			f.Do(func(w *World) {
				if err := w.AddApp("my-app", shape); err != nil {
					t.Fatal(err)
				}
				w.Do(Action{Kind: "ungroup", Machine: w.Live("my-app")[0].ID})
				w.Connect("my-app", "", "", 2, 0)
				for _, m := range w.Live("my-app") {
					if m.Group() != group || w.Open(m.ID) != 1 {
						t.Errorf("%s is of group %q, and has %d connections", m.ID, m.Group(), w.Open(m.ID))
					}
				}
			})
			named := func() string {
				all := rows(t, f)
				return fmt.Sprintf("%q %q", all[0].Config.Metadata["fly_process_group"], all[1].Config.Metadata["fly_process_group"])
			}
			if got, want := named(), fmt.Sprintf("%q %q", "", group); got != want {
				t.Errorf("rows name %s, want %s", got, want)
			}
			sh(t, f, 0, words("deploy -a my-app --image v2 --detach --ha=false")...) // in place, as flyctl has it
			if got, want := named(), fmt.Sprintf("%q %q", group, group); got != want {
				t.Errorf("after a deploy rows name %s, want %s", got, want)
			}
		})
	}
}

func TestAListIsLateShortOrThinAsItsFaultSays(t *testing.T) {
	w, ids := world(t, "app=iad:2,lhr:1")
	pass(w, time.Minute)
	w.cordon(us, "my-app", ids[0], "", true)
	w.Do(Action{Kind: "destroy", Machine: ids[1]})
	w.AddMachine("my-app", "app", "iad", "i")
	pass(w, time.Second)
	show := func(f Fault) string {
		var b strings.Builder
		for _, m := range w.view("my-app", f) {
			c := "?"
			if m.Cordoned != nil {
				c = map[bool]string{true: "x", false: "o"}[*m.Cordoned]
			}
			b.WriteString(m.ID[13:] + c + " ")
		}
		return strings.TrimSpace(b.String())
	}
	for _, c := range []struct {
		fault Fault
		want  string
	}{
		{Fault{}, "1x 3o 4o"},
		{Fault{View: "stale", Age: 10 * time.Second}, "1o 2o 3o"},
		{Fault{View: "empty"}, ""},
		{Fault{View: "short", Region: "iad"}, "3o"},
		{Fault{View: "no-cordoned"}, "1? 3? 4?"},
	} {
		if got := show(c.fault); got != c.want {
			t.Errorf("%+v: %s, want %s", c.fault, got, c.want)
		}
	}
	for v, want := range map[string]string{"0.4.68": "1? 3? 4?", "0.4.69": "1x 3o 4o", "2026.8.21-dev": "1x 3o 4o", "1.0": "1x 3o 4o"} {
		if w.Version = v; show(Fault{}) != want {
			t.Errorf("%s: %s, want %s", v, show(Fault{}), want)
		}
	}
}
