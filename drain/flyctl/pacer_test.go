package flyctl

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// starts returns when each run of a fake began, in seconds after begun.
func (f *fake) starts(begun time.Time) []float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []float64
	for _, at := range f.at {
		out = append(out, at.Sub(begun).Seconds())
	}
	return out
}

// paced runs what is given ten times at once, or one by one.
func paced(t *testing.T, c *Client, f *fake, atOnce bool, call func(ctx context.Context, c *Client) error) []float64 {
	t.Helper()
	begun := time.Now()
	var wg sync.WaitGroup
	for range 10 {
		do := func() {
			if err := call(t.Context(), c); err != nil {
				t.Error(err)
			}
		}
		if atOnce {
			wg.Go(do)
		} else {
			do()
		}
	}
	wg.Wait()
	return f.starts(begun)
}

func TestListsAndCreatesArePaced(t *testing.T) {
	for _, cmd := range everyCommand {
		if cmd.name != "list" && cmd.name != "clone" && cmd.name != "deploy" {
			continue
		}
		for _, atOnce := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				c, f := client(saying(printed(cmd.answer)))
				at := paced(t, c, f, atOnce, cmd.call)
				every := 1.01
				if cmd.name == "list" {
					every = 1
				}
				for i, got := range at {
					if want := every * max(0, float64(i)-1.75); math.Abs(got-want) > 0.0001 {
						t.Errorf("%s: they began at %v, and the one at %d was to begin at %v", cmd.name, at, i, want)
					}
				}
			})
		}
	}
}

func TestWhatADeployCreatesCountsLikeClonesFromWhenItIsCreated(t *testing.T) {
	for _, c := range []struct {
		says   string
		times  int
		clones []float64 // when they begin, in seconds after the deploy has ended
	}{
		{"Machine x is cool", 3, []float64{0, 0, 0.2525, 1.2625}}, // the minute before has let the first one pass
		{"Machine x [app] was created", 1, []float64{0, 0.2525, 1.2625, 2.2725}},
		{"Machine x [app] was created", 3, []float64{1.2625, 2.2725, 3.2825, 4.2925}},
	} {
		synctest.Test(t, func(t *testing.T) {
			fly, f := client(func(_ int, cmd Command) (Result, error) {
				if cmd.Output != nil {
					time.Sleep(time.Minute) // before it creates the first
					for range c.times {
						cmd.Output(c.says)
					}
				}
				return Result{Stdout: []byte("  Machine " + one + " has been created...\n")}, nil
			})
			begun := time.Now()
			if err := fly.Deploy(t.Context(), DeployOptions{Image: image}); err != nil {
				t.Fatal(err)
			}
			for range c.clones {
				if _, err := fly.Clone(t.Context(), one, CloneOptions{Region: "lhr"}); err != nil {
					t.Fatal(err)
				}
			}
			for i, at := range f.starts(begun)[1:] {
				if got := at - 60; math.Abs(got-c.clones[i]) > 0.0001 {
					t.Errorf("%q %d times: the clone at %d began at %v, want %v", c.says, c.times, i, got, c.clones[i])
				}
			}
		})
	}
}

func TestOtherCommandsAreNotPaced(t *testing.T) {
	for _, cmd := range everyCommand {
		if cmd.name == "list" || cmd.name == "clone" || cmd.name == "deploy" {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			c, f := client(saying(printed(cmd.answer)))
			if at := paced(t, c, f, false, cmd.call); at[9] != 0 {
				t.Errorf("%s: they began at %v", cmd.name, at)
			}
		})
	}
}

func TestAListDoesNotWaitForAClone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed("[]")))
		begun := time.Now()
		_, _ = c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
		for range 2 {
			_, _ = c.List(t.Context())
		}
		if at := f.starts(begun); at[2] != 0 {
			t.Errorf("they began at %v", at)
		}
	})
}

func TestADeployTakesItsShareOfTheLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed("[]")))
		begun := time.Now()
		_, _ = c.List(t.Context())
		_ = c.Deploy(t.Context(), DeployOptions{Image: image}) // flyctl lists once in it
		_, _ = c.List(t.Context())
		if at := f.starts(begun); at[1] != 0 || at[2] != 0.25 {
			t.Errorf("they began at %v", at)
		}
	})
}

func TestThePaceCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed("[]")))
		c.Every = 100 * time.Millisecond
		begun := time.Now()
		for range 4 {
			_, _ = c.List(t.Context())
		}
		if at := f.starts(begun); at[3] < 0.1249 || at[3] > 0.1251 {
			t.Errorf("they began at %v", at)
		}
	})
}

func TestARepeatedListIsPacedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(failed("request returned non-2xx status: 500: x")))
		c.Every = 20 * time.Second // longer than any pause
		begun := time.Now()
		_, _ = c.List(t.Context())
		at := f.starts(begun)
		for i := 4; i < len(at); i++ {
			if at[i]-at[i-1] < 19 {
				t.Errorf("they began at %v", at)
			}
		}
		if len(at) < 5 {
			t.Errorf("they began at %v", at)
		}
	})
}

func TestClonesThatWaitedForAFreeSlotDoNotStartAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(func(_ int, cmd Command) (Result, error) {
			if cmd.Args[1] == "start" {
				<-time.After(time.Minute) // a lease
			}
			return Result{}, nil
		})
		var wg sync.WaitGroup
		wg.Go(func() { _ = c.Start(t.Context(), manyIDs(MaxParallel)...) })
		synctest.Wait()
		for range 12 {
			wg.Go(func() { _, _ = c.Clone(t.Context(), one, CloneOptions{Region: "lhr"}) })
		}
		begun := time.Now()
		wg.Wait()
		in := 0 // the first second after the slots were free
		for _, at := range f.starts(begun)[MaxParallel:] {
			if at >= 60 && at < 60.999 {
				in++
			}
		}
		if in > 4 {
			t.Errorf("%d clones began at once", in)
		}
	})
}

func TestADeadlineThatThePaceWouldMissIsToldAsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := client(saying(printed("[]")))
		c.Every = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var err error
		for range 4 {
			_, err = c.List(ctx)
		}
		if !errors.Is(err, context.DeadlineExceeded) || f.count() != 2 {
			t.Errorf("%d runs: %v", f.count(), err)
		}
		if _, err := c.List(t.Context()); err != nil {
			t.Errorf("the turn was not given back: %v", err)
		}
	})
}
