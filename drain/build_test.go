package drain_test

import (
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/draintest"
)

// TestTheImageOfAnAppIsReleasedByEachStep builds none where there is one.
func TestTheImageOfAnAppIsReleasedByEachStep(t *testing.T) {
	const v2, shared = "registry.fly.io/my-app:v2", "registry.fly.io/shared:v7"
	for name, c := range map[string]struct{ image, toml, want string }{
		"its own":                       {v2, flyToml, v2},
		"its own, not that of fly.toml": {v2, flyToml + "\n[build]\nimage = \"" + shared + "\"\n", v2},
		"that of fly.toml":              {"", flyToml + "\n[build]\nimage = \"" + shared + "\"\n", shared},
		"one that is built":             {"", flyToml, "registry.fly.io/my-app:flydrain-"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Apps[0].Image, r.Apps[0].Dir = c.image, s.dir(c.toml)
				steps := r.Steps(s.Context())
				image, err := steps.Build().String()
				if err != nil || !strings.HasPrefix(image, c.want) || !strings.HasSuffix(image, "\n") {
					t.Errorf("built %q: %v", image, err)
				}
				green, err := steps.Green("").Slice()
				if err != nil || len(green) != 2 {
					t.Fatal(green, err)
				}
				s.world(func(w *draintest.World) {
					for _, id := range green {
						if image := w.Machine(id).Config.Image; !strings.HasPrefix(image, c.want) {
							t.Errorf("%s runs %s", id, image)
						}
					}
					builds := strings.Count(strings.Join(w.Lines("deploy"), "\n"), "--build-only")
					if want := map[bool]int{true: 2}[c.want[len(c.want)-1] == '-']; builds != want { // by Build, and by Green
						t.Errorf("%d builds, want %d", builds, want)
					}
				})
			})
		})
	}
}
