package flyctl

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// everyCommand calls each method once; the second half of them is never
// repeated, as one that failed may have done its work.
var everyCommand = []struct {
	name   string
	repeat bool
	answer string // what an answer looks like
	call   func(ctx context.Context, c *Client) error
}{
	{"list", true, "[]", func(ctx context.Context, c *Client) error { _, err := c.List(ctx); return err }},
	{"version", true, `{"Version":"0.4.87"}`, func(ctx context.Context, c *Client) error { _, err := c.Version(ctx); return err }},
	{"config show", true, "{}", func(ctx context.Context, c *Client) error { _, err := c.ConfigShow(ctx); return err }},
	{"exec", true, "{}", func(ctx context.Context, c *Client) error {
		_, err := c.Exec(ctx, one, "", "true", 0)
		return err
	}},
	{"cordon", true, "", func(ctx context.Context, c *Client) error { return c.Cordon(ctx, one) }},
	{"uncordon", true, "", func(ctx context.Context, c *Client) error { return c.Uncordon(ctx, one) }},
	{"start", true, "", func(ctx context.Context, c *Client) error { return c.Start(ctx, one) }},
	{"stop", true, "", func(ctx context.Context, c *Client) error { return c.Stop(ctx, one, StopOptions{}) }},
	{"destroy", true, "", func(ctx context.Context, c *Client) error { return c.Destroy(ctx, one) }},
	{"destroy by force", true, "", func(ctx context.Context, c *Client) error { return c.DestroyForce(ctx, one) }},

	{"deploy", false, "", func(ctx context.Context, c *Client) error { return c.Deploy(ctx, DeployOptions{Image: image}) }},
	{"build", false, "", func(ctx context.Context, c *Client) error { _, err := c.Build(ctx, "v2"); return err }},
	{"clone", false, "", func(ctx context.Context, c *Client) error {
		_, err := c.Clone(ctx, one, CloneOptions{Region: "lhr"})
		return err
	}},
	{"update", false, "", func(ctx context.Context, c *Client) error {
		return c.Update(ctx, one, UpdateOptions{Autostop: "off"})
	}},
}

// What passes, once or twice, before flyctl answers.
var passing = map[string]func() (Result, error){
	"a lease":      func() (Result, error) { return failed("failed to obtain lease: lease currently held by x"), nil },
	"a 429":        func() (Result, error) { return failed("failed to cordon VM: rate limit exceeded"), nil },
	"a 5xx":        func() (Result, error) { return failed("request returned non-2xx status: 503: x"), nil },
	"odd words":    func() (Result, error) { return failed("failed to cordon VM: injected fault"), nil },
	"no words":     func() (Result, error) { return Result{ExitCode: 3}, nil },
	"an interrupt": func() (Result, error) { return Result{ExitCode: 127}, nil },
	"a kill":       func() (Result, error) { return Result{}, fmt.Errorf("%w: signal: killed", ErrInterrupted) },
}

func TestOnlyWhatIsSafeToRepeatIsRepeated(t *testing.T) {
	for _, cmd := range everyCommand {
		for what, fault := range passing {
			t.Run(cmd.name+" after "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					notified := 0
					c, f := client(func(n int, _ Command) (Result, error) {
						if n <= 2 {
							return fault()
						}
						return printed(cmd.answer), nil
					})
					c.Notify = func(err error, wait time.Duration) {
						notified++
						if err == nil || wait <= 0 {
							t.Errorf("told of %v, %v", err, wait)
						}
					}
					err := cmd.call(t.Context(), c)
					want := 1
					if cmd.repeat {
						want = 3
					}
					if f.count() != want || notified != want-1 || (err == nil) != cmd.repeat {
						t.Errorf("it ran %d times, and told of it %d times: %v", f.count(), notified, err)
					}
				})
			})
		}
	}
}

func TestWhatCannotPassIsNotRepeated(t *testing.T) {
	for _, cmd := range everyCommand {
		for _, r := range reasons {
			if r.kind == nil || patience(newError("", call{}, failed(r.reason), nil)) > 0 {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				c, f := client(saying(failed(r.reason)))
				begun := time.Now()
				_ = cmd.call(t.Context(), c)
				if f.count() != 1 || time.Since(begun) > 0 {
					t.Errorf("%s: %s: it ran %d times in %v", cmd.name, r.reason, f.count(), time.Since(begun))
				}
			})
		}
	}
}

func TestHowLongEachFailureIsWaitedFor(t *testing.T) {
	for _, tc := range []struct {
		name     string
		takes    time.Duration // each try
		res      Result
		min, max time.Duration
	}{
		{"a lease, beyond the four minutes", time.Minute, failed("lease currently held by x"), 6 * time.Minute, 8 * time.Minute},
		{"a 429", time.Second, failed("rate limit exceeded"), 4 * time.Minute, 270 * time.Second},
		{"a 5xx", time.Second, failed("request returned non-2xx status: 500: x"), 4 * time.Minute, 270 * time.Second},
		{"odd words", time.Second, failed("injected fault"), 3 * time.Second, 8 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				c, f := client(func(int, Command) (Result, error) {
					<-time.After(tc.takes)
					return tc.res, nil
				})
				err := c.Cordon(t.Context(), one)
				if took := time.Since(begun); err == nil || took < tc.min || took > tc.max {
					t.Errorf("it took %v and %d tries: %v", took, f.count(), err)
				}
			})
		})
	}
}

func TestALeaseThatEndsAfterFiveMinutesIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		c, _ := client(func(int, Command) (Result, error) {
			<-time.After(time.Minute)
			if time.Since(begun) < 5*time.Minute {
				return failed("lease currently held by x"), nil
			}
			return Result{}, nil
		})
		if err := c.Cordon(t.Context(), one); err != nil {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

func TestPausesGrowAndDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		var pauses []time.Duration
		c, _ := client(saying(failed("request returned non-2xx status: 500: x")))
		c.Notify = func(_ error, wait time.Duration) { pauses = append(pauses, wait); seen[wait] = true }
		_ = c.Cordon(t.Context(), one)
		if first := pauses[0]; first < 250*time.Millisecond || first > 750*time.Millisecond {
			t.Errorf("the first pause is %v", first)
		}
		for _, p := range pauses[6:] {
			if p < 5*time.Second || p > 15*time.Second {
				t.Errorf("a later pause is %v", p)
			}
		}
		if len(seen) < len(pauses)/2 {
			t.Errorf("no jitter: %v", pauses)
		}
	})
}

func TestACommandWithoutAnAnswerIsEndedAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := &fake{}
		c := &Client{App: "my-app", Timeout: 30 * time.Second, Run: func(ctx context.Context, cmd Command) (Result, error) {
			if hang.answer = saying(Result{}); hang.count() == 0 {
				_, _ = hang.run(ctx, cmd)
				<-ctx.Done()
				return Result{}, context.Cause(ctx)
			}
			return hang.run(ctx, cmd)
		}}
		begun := time.Now()
		if err := c.Cordon(t.Context(), one); err != nil || hang.count() != 2 || time.Since(begun) > time.Minute {
			t.Errorf("%d runs in %v: %v", hang.count(), time.Since(begun), err)
		}
	})
}

func TestAskingHasThirtySecondsChangingThreeMinutesAndABuildAllTheTimeItTakes(t *testing.T) {
	for _, cmd := range everyCommand {
		synctest.Test(t, func(t *testing.T) {
			bounded := false
			c := &Client{App: "my-app", Run: func(ctx context.Context, _ Command) (Result, error) {
				deadline, ok := ctx.Deadline()
				want := 3 * time.Minute
				switch cmd.name {
				case "list", "exec", "version", "config show":
					want = 30 * time.Second
				}
				if bounded = ok; ok && time.Until(deadline) != want {
					t.Errorf("%s has %v", cmd.name, time.Until(deadline))
				}
				return printed(cmd.answer), nil
			}}
			if err := cmd.call(t.Context(), c); err != nil {
				t.Error(err)
			}
			if want := cmd.name != "build" && cmd.name != "deploy"; bounded != want {
				t.Errorf("%s: is it bounded? %v", cmd.name, bounded)
			}
		})
	}
}

func TestATimeoutIsToldAsAFaultThatMayPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{App: "my-app", Run: func(ctx context.Context, _ Command) (Result, error) {
			<-ctx.Done()
			return Result{}, context.Cause(ctx)
		}}
		_, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
		wantKind(t, err, ErrTransient)
		if errors.Is(err, context.Canceled) {
			t.Errorf("it looks as if the caller had ended it: %v", err)
		}
	})
}

func TestACallerThatGivesUpIsAnsweredAtOnce(t *testing.T) {
	stop := errors.New("SIGTERM")
	for _, cmd := range everyCommand {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(stop)
			begun := time.Now()
			c := &Client{App: "my-app", Run: func(ctx context.Context, _ Command) (Result, error) {
				return Result{}, context.Cause(ctx)
			}}
			if err := cmd.call(ctx, c); !errors.Is(err, stop) || time.Since(begun) > 0 {
				t.Errorf("%s: after %v: %v", cmd.name, time.Since(begun), err)
			}
		})
	}
}

func TestACordonUnderWayIsLetFinishAfterAnInterruptButNotForLong(t *testing.T) {
	stop := errors.New("SIGTERM")
	for takes, want := range map[time.Duration]error{900 * time.Millisecond: nil, time.Minute: stop} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			c := &Client{App: "my-app", Run: func(ctx context.Context, _ Command) (Result, error) {
				cancel(stop)
				select {
				case <-time.After(takes):
					return Result{}, nil
				case <-ctx.Done():
					return Result{}, context.Cause(ctx)
				}
			}}
			begun := time.Now()
			if err := c.Cordon(ctx, one); !errors.Is(err, want) || time.Since(begun) > lingerFor {
				t.Errorf("one of %v: after %v: %v", takes, time.Since(begun), err)
			}
		})
	}
}

// A run that begins nothing new after 5 s ends within 7 s, whatever flyctl does.
func TestEveryCommandEndsWithinTwoSecondsOfItsContext(t *testing.T) {
	for _, cmd := range everyCommand {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var took time.Duration
			c := &Client{App: "my-app", Run: func(ctx context.Context, run Command) (Result, error) {
				cancel()
				begun := time.Now()
				<-ctx.Done()
				took = time.Since(begun) + run.Wait // and then it is killed
				return Result{}, context.Cause(ctx)
			}}
			_ = cmd.call(ctx, c)
			want := 2 * time.Second
			switch cmd.name {
			case "list", "exec", "version", "config show": // they may be a last look
				want = 0
			}
			if took != want {
				t.Errorf("%s takes %v", cmd.name, took)
			}
		})
	}
}
