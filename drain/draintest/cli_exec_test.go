package draintest

import (
	"strings"
	"testing"
)

func TestAnExecThatFailsExitsZero(t *testing.T) {
	fly(t, func(t *testing.T, f *Fly, ids []string) {
		f.Do(func(w *World) { w.Images["registry.fly.io/my-app:v1"] = &Image{NoCat: true} })
		out, _ := sh(t, f, 0, "machine", "exec", ids[0], "cat /proc/net/tcp", "--json", "-a", "my-app")
		if !strings.Contains(out, `"exit_code": 127`) || strings.Contains(out, "stdout") {
			t.Error(out)
		}
	})
}
