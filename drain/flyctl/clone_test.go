package flyctl

import "testing"

func TestACloneAsksForTheSizeAndTheStandbyThatItIsGiven(t *testing.T) {
	for _, tc := range []struct {
		name string
		opts CloneOptions
		want string
	}{
		{"as it is", CloneOptions{Region: "lhr"}, ""},
		{"another size", CloneOptions{Region: "lhr", Guest: Guest{CPUKind: "shared", CPUs: 4, MemoryMB: 1024}}, " --vm-cpu-kind shared --vm-cpus 4 --vm-memory 1024"},
		{"more memory only", CloneOptions{Region: "lhr", Guest: Guest{MemoryMB: 512}}, " --vm-memory 512"},
		{"a standby", CloneOptions{Region: "lhr", StandbyFor: []string{one, two}}, " --standby-for " + one + "," + two},
	} {
		args, err := cloneArgs("my-app", one, tc.opts)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		wantArgs(t, args, "machine clone "+one+" --app my-app --region lhr --detach"+tc.want)
	}
}

func TestCloneGivesTheNewMachinesID(t *testing.T) {
	for title, want := range map[string]string{
		"clone into another region, detached":     "0178100002899b",
		"clone with another guest size, detached": "0178100002a88a",
		"clone, attached":                         "0178100002c779",
	} {
		c, f := client(saying(transcript(t, title)))
		id, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
		if id != want || err != nil || f.calls[0].Dir != "" {
			t.Errorf("%s: got %q, %v", title, id, err)
		}
	}
}

func TestCloneFindsTheIDAlsoInColoursAndAfterAFailure(t *testing.T) {
	c, _ := client(func(int, Command) (Result, error) {
		return Result{ExitCode: 1, Stdout: []byte("  Machine \x1b[1m0178100002c779\x1b[0m has been created...\n"), Stderr: []byte("Error: EOF\n")}, nil
	})
	id, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr"})
	wantKind(t, err, ErrTransient)
	if id != "0178100002c779" {
		t.Errorf("got %q", id)
	}
}

func TestAnIDThatFlyctlDidNotPrintIsEmpty(t *testing.T) {
	for _, talk := range []string{"", "Machine --force has been created", "Machine  has been created", "Cloning Machine " + one + " into region lhr"} {
		if id := clonedID([]byte(talk)); id != "" {
			t.Errorf("%q: got %q", talk, id)
		}
	}
}

func TestACloneWithHostileWordsIsRefused(t *testing.T) {
	for _, s := range hostile {
		c, f := client(saying(Result{}))
		_, err := c.Clone(t.Context(), s, CloneOptions{Region: "lhr"})
		refused(t, f, err)
		_, err = c.Clone(t.Context(), one, CloneOptions{Region: s})
		refused(t, f, err)
		_, err = c.Clone(t.Context(), one, CloneOptions{Region: "lhr", StandbyFor: []string{two, s}})
		refused(t, f, err)
	}
	for _, g := range []Guest{{CPUKind: "--force"}, {CPUKind: "a b"}, {GPUs: 1}, {GPUKind: "a10"}} {
		c, f := client(saying(Result{}))
		_, err := c.Clone(t.Context(), one, CloneOptions{Region: "lhr", Guest: g})
		refused(t, f, err)
	}
}
