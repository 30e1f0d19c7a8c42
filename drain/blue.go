package drain

import (
	"context"
	"time"

	"github.com/bitfield/script"
)

// Blue is a source: the ids of the machines that serve now, which are those of
// Machines that are not cordoned. Machines that are cordoned already drain from an
// earlier release, or somebody else cordoned them.
func (s *Steps) Blue() *script.Pipe {
	return s.machines(func(ctx context.Context) (fleet, error) {
		ms, err := s.app.machines(ctx, time.Now())
		return ms.open(), err
	})
}
