package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
)

var errBroken = errors.New("broken")

func stages(ctx context.Context) *Stages {
	return &Stages{Ctx: ctx, Parallel: 4, Shown: func(err error) error { return fmt.Errorf("shown: %w", err) }}
}

// machines makes a source of ids.
func (s *Stages) machines(ids ...string) *script.Pipe {
	return s.Source(func(context.Context) ([]string, error) { return ids, nil })
}

// run reads a pipe to its end.
func run(p *script.Pipe) (string, error) {
	out, _ := io.ReadAll(p.Reader)
	return strings.Join(strings.Fields(string(out)), " "), p.Error()
}

func TestAllActsOnceOnItsWholeInput(t *testing.T) {
	s := stages(t.Context())
	var acted [][]string
	out, err := run(s.All(s.machines("mac1", "mac2", "mac3"), func(_ context.Context, ids []string) error {
		acted = append(acted, ids)
		return nil
	}))
	if len(acted) != 1 || len(acted[0]) != 3 || out != "mac1 mac2 mac3" || err != nil {
		t.Errorf("it acted on %v, and handed on %q: %v", acted, out, err)
	}
}

func TestAllDoesNothingAfterAnErrorOrWithoutInput(t *testing.T) {
	s := stages(t.Context())
	never := func(_ context.Context, ids []string) error {
		t.Errorf("it acts on %v", ids)
		return nil
	}
	failing := func(_ context.Context, id string) error {
		if id == "mac2" {
			return errBroken
		}
		return nil
	}
	if out, err := run(s.All(s.Each(s.machines("mac1", "mac2"), failing), never)); out != "" || !errors.Is(err, errBroken) {
		t.Errorf("it hands on %q: %v", out, err)
	}
	if out, err := run(s.All(s.machines(), never)); out != "" || err != nil {
		t.Errorf("it hands on %q: %v", out, err)
	}
}

// A slow machine holds up no other, and what is done is handed on at once.
func TestEachHandsOnWhatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stages(t.Context())
		begun := time.Now()
		done := map[string]time.Duration{}
		first := s.Each(s.machines("mac1", "mac2", "mac3"), func(_ context.Context, id string) error {
			time.Sleep(map[string]time.Duration{"mac1": time.Hour, "mac2": time.Second, "mac3": time.Minute}[id])
			return nil
		})
		out, err := run(s.Each(first, func(_ context.Context, id string) error {
			done[id] = time.Since(begun)
			return nil
		}))
		if out != "mac2 mac3 mac1" || err != nil || done["mac2"] != time.Second || done["mac3"] != time.Minute || done["mac1"] != time.Hour {
			t.Errorf("it hands on %q, at %v: %v", out, done, err)
		}
	})
}

func TestNoMoreThanParallelAreActedOnSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stages(t.Context())
		begun := time.Now()
		_, err := run(s.Each(s.machines("mac1", "mac2", "mac3", "mac4", "mac5"), func(context.Context, string) error {
			time.Sleep(time.Second)
			return nil
		}))
		if took := time.Since(begun); took != 2*time.Second || err != nil {
			t.Errorf("five took %v: %v", took, err)
		}
	})
}

func TestTheFirstErrorStaysAndIsSafeToShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stages(t.Context())
		_, err := run(s.Each(s.machines("mac1", "mac2"), func(_ context.Context, id string) error {
			if id == "mac1" {
				time.Sleep(time.Second)
				return errors.New("later")
			}
			return errBroken
		}))
		if err == nil || err.Error() != "shown: broken" {
			t.Error(err)
		}
	})
}

// script never closes the pipe between two stages: what is not read would block for ever.
func TestAStageThatLeavesEarlyReadsItsInputToTheEnd(t *testing.T) {
	s := stages(t.Context())
	ids := make([]string, 10000)
	for i := range ids {
		ids[i] = fmt.Sprintf("mac%d", i)
	}
	out, err := run(s.Stage(s.machines(ids...), func(_ *script.Pipe, in <-chan string, emit func(string)) error {
		emit(<-in)
		return errBroken
	}))
	if out != "mac0" || !errors.Is(err, errBroken) {
		t.Errorf("it hands on %q: %v", out, err)
	}
}

func TestEachIDComesOnceAndOneThatIsNotValidFails(t *testing.T) {
	for _, c := range []struct {
		input, want string
		err         error
	}{
		{"mac1\n\n mac2 \nmac1\n", "mac1 mac2", nil},
		{"mac1\nmac2", "mac1 mac2", nil},
		{"--all\n", "", flyctl.ErrUsage},
		{"", "", nil},
	} {
		s := stages(t.Context())
		out, err := run(s.Stage(script.Echo(c.input), func(_ *script.Pipe, in <-chan string, emit func(string)) error {
			for id := range in {
				emit(id)
			}
			return nil
		}))
		if out != c.want || !errors.Is(err, c.err) {
			t.Errorf("of %q it hands on %q: %v", c.input, out, err)
		}
	}
}

func TestNoStageActsWhenTheContextHasEndedOrTheReleaseIsNotValid(t *testing.T) {
	never := func(_ context.Context, id string) error {
		t.Errorf("it acts on %s", id)
		return nil
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBroken)
	s := stages(ctx)
	if _, err := run(s.Each(s.machines("mac1"), never)); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	s = stages(t.Context())
	s.Invalid = errBroken
	if out, err := run(s.Each(script.Echo("mac1\n"), never)); out != "" || !errors.Is(err, errBroken) {
		t.Errorf("it hands on %q: %v", out, err)
	}
}

func TestOnAPipeThatHasAnErrorNothingIsBuilt(t *testing.T) {
	s := stages(t.Context())
	p := script.NewPipe().WithError(errBroken)
	if got := s.All(p, nil); got != p {
		t.Error("it is another pipe")
	}
}
