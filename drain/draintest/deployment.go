package draintest

import (
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// deployment is one run of flyctl deploy.
type deployment struct {
	*session
	image    string
	files    config.Raw // of --file-literal
	guest    config.Guest
	strategy string
	timeout  time.Duration // of waits, and of a new machine's lease; 0 is none
	all      []Machine     // managed ones
	chosen   []Machine     // those that no filter left out
	first    bool
	release  int
	listened []string // groups whose listening was waited for
	at, of   int      // the step, as the lines of work in progress count them
}

func (d *deployment) releaseID() string { return fmt.Sprintf("rel-%s-%d", d.app, d.release) }

// has reports whether a machine of a group is deployed to.
func (d *deployment) has(group string) bool {
	return slices.ContainsFunc(d.chosen, func(m Machine) bool { return m.Group() == group })
}

// names are the groups that are deployed to.
func (d *deployment) names() []string {
	return slices.DeleteFunc(d.cfg.Groups(), func(g string) bool { return !config.In(d.items("process-groups"), g) })
}
