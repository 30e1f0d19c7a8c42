package drain

import (
	"context"
	"fmt"
	"sync"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Logs are sent of so many machines at most, and so many lines of all of them together:
// as many as a view shows with a failure.
const loggedMachines, loggedLines = 3, 40

// tellLogs sends the last lines that green machines logged that are not healthy, first
// of the one that failed: nothing else says why a program ends at boot, and the machines
// are destroyed next.
func (j *run) tellLogs(ctx context.Context, failed string) {
	var apps []*app
	var ill fleet.List
	for _, first := range []bool{true, false} {
		for i, a := range j.part {
			for _, m := range j.view(i).Kept() {
				told := m.ID == failed
				if told == first && (told || !m.Healthy() && !m.Ended() && !m.Standby()) && len(ill) < loggedMachines {
					apps, ill = append(apps, a), append(ill, m)
				}
			}
		}
	}
	logs := make([][]string, len(ill))
	var wg sync.WaitGroup
	for i, m := range ill {
		wg.Go(func() { logs[i], _ = apps[i].fly.Logs(ctx, m.ID) })
	}
	wg.Wait()
	for i, m := range ill {
		if len(logs[i]) == 0 {
			apps[i].warn(fmt.Sprintf("the log of machine %s could not be read (a deploy token may not read it): run fly logs --no-tail -a %s --machine %s", m.ID, apps[i].Name, m.ID))
		}
		for _, line := range logs[i][max(0, len(logs[i])-loggedLines/len(ill)):] {
			e := about(EventOutput, m)
			e.Output = line
			apps[i].emit(e)
		}
	}
}
