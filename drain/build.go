package drain

import (
	"context"
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Build builds the app's image, pushes it to Fly's registry under a label of its
// own, and gives its reference. It changes no machine. Where fly.toml names an
// image ([build] image), it gives that one.
func (a *App) Build(ctx context.Context) (string, error) {
	if _, err := a.client().Version(ctx); err != nil {
		return "", err
	}
	cfg, err := a.fly.ConfigShow(ctx) // a fly.toml that is missing is told before flyctl asks the platform for one
	if err != nil {
		return "", err
	}
	if cfg.Build.Image != "" {
		return cfg.Build.Image, flyctl.ValidateImage(cfg.Build.Image)
	}
	ref, err := a.fly.Build(ctx, label(time.Now()), a.Args...)
	if err == nil && ref == "" {
		err = fmt.Errorf("%w: flyctl built %s, and did not say which image", flyctl.ErrBadOutput, a.Name)
	}
	a.built.Store(ref)
	return ref, err
}
