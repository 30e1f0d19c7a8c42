package drain

import (
	"context"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Blue is a source: the ids of the machines that serve now, which are those of
// Machines that are not cordoned. Machines that are cordoned already drain from an
// earlier release, or somebody else cordoned them.
func (s *Steps) Blue() *script.Pipe {
	return s.machines(func(ctx context.Context) (fleet.List, error) {
		ms, err := s.app.machines(ctx)
		return ms.Uncordoned(), err
	})
}
