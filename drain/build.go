package drain

import (
	"context"
	"strings"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Build is a source of one line: the reference of the image to release. It builds
// one and pushes it to Fly's registry under a label of its own, and changes no
// machine. Where the app has an Image, or fly.toml names one ([build] image), it
// builds nothing and hands on that.
func (s *Steps) Build() *script.Pipe {
	return s.stages.Source(func(ctx context.Context) ([]string, error) {
		ref, err := s.app.build(ctx)
		return []string{ref}, err
	})
}

// build returns the image to release, and builds it where none is given.
func (a *app) build(ctx context.Context) (string, error) {
	if a.Image != "" {
		return a.Image, nil
	}
	cfg, err := a.readConfig(ctx) // a missing fly.toml is an error before flyctl asks the platform for one
	if err != nil {
		return "", err
	}
	if cfg.Build.Image != "" {
		return cfg.Build.Image, flyctl.DeployOptions{Image: cfg.Build.Image}.Validate()
	}
	label := "flydrain-" + strings.ToLower(time.Now().UTC().Format(fleet.TimeFormat))
	ref, err := a.acting.Build(ctx, label, a.Args...)
	if err == nil && ref == "" {
		err = a.fault("", flyctl.ErrBadOutput, "flyctl built an image of %s, and did not say which", a.Name)
	}
	return ref, err
}
