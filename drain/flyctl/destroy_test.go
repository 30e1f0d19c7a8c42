package flyctl

import (
	"testing"
	"testing/synctest"
)

func TestDestroyNeverForcesUnlessAskedByName(t *testing.T) {
	c, f := client(saying(transcript(t, "destroy a stopped machine")))
	if err := c.Destroy(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	wantArgs(t, f.calls[0].Args, "machine destroy "+one+" --app my-app")
	if err := c.DestroyForce(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	wantArgs(t, f.calls[1].Args, "machine destroy "+one+" --app my-app --force")
}

func TestAMachineThatIsGoneAlreadyIsDestroyed(t *testing.T) {
	for _, reason := range []string{
		"machine " + one + " was not found in app 'my-app'",
		"machine " + one + " has already been destroyed",
		"failed to obtain lease: failed to get lease on VM " + one + ": machine not found",
	} {
		c, f := client(saying(failed(reason)))
		if err := c.Destroy(t.Context(), one); err != nil || f.count() != 1 {
			t.Errorf("%d runs: %v", f.count(), err)
		}
	}
}

func TestAMachineOfAnUnknownAppIsNotDestroyed(t *testing.T) {
	for reason, kind := range map[string]error{
		"could not get machine " + one + ": failed to get VM " + one + ": app not found (Request ID: 01K-iad)":                      ErrAppNotFound,
		"could not get machine " + one + ": failed to get VM " + one + ": request returned non-2xx status: 404: 404 page not found": nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := client(saying(failed(reason)))
			err := c.Destroy(t.Context(), one)
			if err == nil {
				t.Fatalf("%s: taken for destroyed", reason)
			}
			wantKind(t, err, kind)
		})
	}
}

func TestARunningMachineIsNotDestroyedAndNotTriedAgain(t *testing.T) {
	for _, res := range []Result{
		transcript(t, "destroy a started machine"),
		failed("machine " + one + " is in a stopping state and cannot be destroyed since it is not stopped or suspended, either stop first or use --force flag"),
	} {
		c, f := client(saying(res))
		err := c.Destroy(t.Context(), one)
		wantKind(t, err, ErrMachineState)
		if f.count() != 1 {
			t.Errorf("it ran %d times", f.count())
		}
	}
}
