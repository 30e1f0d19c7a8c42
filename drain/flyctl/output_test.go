package flyctl

import (
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// heard writes texts to a listener, and returns the lines that it gets.
func heard(texts ...string) []string {
	var got []string
	l := &lines{mu: new(sync.Mutex), tell: func(line string) { got = append(got, line) }, redact: newRedactor()}
	for _, text := range texts {
		_, _ = l.Write([]byte(text))
	}
	l.end()
	return got
}

func TestOutputIsToldInWholeLines(t *testing.T) {
	for _, tc := range []struct {
		name  string
		texts []string
		want  []string
	}{
		{"nothing", nil, nil},
		{"whole lines", []string{"one\n", "two\nthree\n"}, []string{"one", "two", "three"}},
		{"lines in pieces", []string{"o", "ne", "\nt", "wo\n"}, []string{"one", "two"}},
		{"no line end", []string{"one\ntwo"}, []string{"one", "two"}},
		{"line ends of Windows, in pieces", []string{"one\r", "\ntwo\r\n"}, []string{"one", "two"}},
		{"a progress bar", []string{"10%\r", "20%\r\n"}, []string{"10%", "20%"}},
		{"empty lines", []string{"\n\n one \n \n\x1b[0m\n"}, []string{"one"}},
		{"a character in pieces", []string{"\xc3", "\xa9\n"}, []string{"é"}},
		{"an escape sequence in pieces", []string{"\x1b[3", "1mred\n"}, []string{"red"}},
		{"a trace of Go's", []string{"panic: oh\n\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:3 +0x1d\n\ngoroutine 7 gp=0xc0 m=nil [select, 2 minutes]:\nmain.x()\n\nexit status 2\n"}, []string{"panic: oh", "exit status 2"}},
		{"words of a trace, in a line of a build", []string{"#7 0.2 goroutine 1 [running]:\n#7 0.2 main.main()\n"}, []string{"#7 0.2 goroutine 1 [running]:", "#7 0.2 main.main()"}},
		{"a token in pieces", []string{macaroon[:9], macaroon[9:] + "\n"}, []string{"[token]"}},
	} {
		if got := heard(tc.texts...); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q", tc.name, got)
		}
	}
}

func TestALongLineIsCut(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	for name, text := range map[string]string{
		"longer than is shown":         strings.Repeat("word ", lineLong),
		"longer than is read":          strings.Repeat("word ", lineRead),
		"without a blank":              strings.Repeat("w", 3*lineRead),
		"a token where it is cut":      strings.Repeat("x", lineRead-9) + plain + " more",
		"a token just before the cut":  strings.Repeat("x ", lineLong/2-4) + plain + strings.Repeat(" more", lineRead),
		"a blank, then a token at cut": strings.Repeat("x ", lineRead/2-4) + plain + strings.Repeat("y", lineRead),
	} {
		for _, pieces := range []int{1, 7} {
			var texts []string
			for part := range slices.Chunk([]byte(text+"\nnext\n"), len(text)/pieces+1) {
				texts = append(texts, string(part))
			}
			got := heard(texts...)
			if len(got) != 2 || got[1] != "next" || len(got[0]) > lineLong+len("…") || !strings.HasSuffix(got[0], "…") {
				t.Errorf("%s: got %d lines, the first %.80q", name, len(got), got)
			}
			if strings.Contains(got[0], plain[:6]) {
				t.Errorf("%s: half a token is left", name)
			}
		}
	}
}

func TestOnlyTheEndOfAStreamIsKept(t *testing.T) {
	for _, most := range []int{0, 1, 10, 1000} {
		e := &ending{most: most}
		var all []byte
		for i := range 1000 {
			part := []byte(strings.Repeat(string(rune('a'+i%26)), i%7))
			all = append(all, part...)
			if n, err := e.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
			if most > 0 && cap(e.data) > 4*(most+7) {
				t.Fatalf("it holds %d bytes for %d", cap(e.data), most)
			}
		}
		want := all
		if most > 0 {
			want = all[max(0, len(all)-most):]
		}
		if got := e.bytes(); !slices.Equal(got, want) {
			t.Errorf("%d: got %d bytes", most, len(got))
		}
	}
}

func TestOutputIsToldAsItComesOneLineAtATime(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plain)
	addr, hear := hearing(t)
	begun := make(chan struct{})
	go func() {
		_, conn := hear()
		<-begun
		if conn != nil {
			_ = conn.Close() // it goes on then
		}
	}()
	var busy, ended atomic.Bool
	got := map[string]int{}
	res, err := Exec(self(t))(t.Context(), Command{Env: fakeEnv("talker", "FAKE_ADDR="+addr), Tail: 100, Output: func(line string) {
		if !busy.CompareAndSwap(false, true) || ended.Load() {
			t.Error("it is told two lines at once, or one after the end")
		}
		if got[line]++; line == "begun" {
			close(begun)
		}
		busy.Store(false)
	}})
	ended.Store(true)
	if err != nil || res.ExitCode != 0 {
		t.Fatal(res.ExitCode, err)
	}
	if got["begun"] != 1 || got["out"] != 1000 || got["err"] != 1000 || got["image: a:b [token]"] != 1 || len(got) != 4 {
		t.Errorf("it was told %v", got)
	}
	if len(res.Stdout) != 100 || len(res.Stderr) != 100 || !strings.HasSuffix(string(res.Stdout), "out\nout\n") {
		t.Errorf("kept: %q, %q", res.Stdout, res.Stderr)
	}
}

func TestBuildsAndDeploysTellTheirOutputAndNothingElseDoes(t *testing.T) {
	t.Setenv("BUILDKIT_PROGRESS", "")
	t.Setenv("GOGC", "100")
	_ = os.Unsetenv("BUILDKIT_PROGRESS")
	for _, cmd := range everyCommand {
		c, f := client(func(_ int, run Command) (Result, error) {
			if run.Output != nil {
				run.Output("a line")
			}
			return printed(cmd.answer), nil
		})
		var told []string
		c.Output = func(line string) { told = append(told, line) }
		if err := cmd.call(t.Context(), c); err != nil {
			t.Error(err)
		}
		got, long := f.calls[0], cmd.name == "build" || cmd.name == "deploy"
		if slices.Equal(told, []string{"a line"}) != long || (got.Tail > stderrEnd) != long || slices.Equal(got.Env, []string{"BUILDKIT_PROGRESS=plain"}) != long {
			t.Errorf("%s: told %q, tail %d, env %q", cmd.name, told, got.Tail, got.Env)
		}
		if !long && (got.Tail != 0 || len(got.Env) > 0 || got.Output != nil) {
			t.Errorf("%s: %+v", cmd.name, got)
		}
	}
	t.Setenv("BUILDKIT_PROGRESS", "rawjson")
	c, f := client(saying(Result{}))
	if _, err := c.Build(t.Context(), "v2"); err != nil || len(f.calls[0].Env) > 0 {
		t.Errorf("the user's own is set over: %q, %v", f.calls[0].Env, err)
	}
}

func TestShortCommandsCollectNoGarbageUnlessTheUserSaysSo(t *testing.T) {
	for _, set := range []bool{false, true} {
		t.Setenv("GOGC", "200")
		if !set {
			_ = os.Unsetenv("GOGC")
		}
		for _, cmd := range everyCommand {
			c, f := client(saying(printed(cmd.answer)))
			if err := cmd.call(t.Context(), c); err != nil {
				t.Error(err)
			}
			short := cmd.name != "build" && cmd.name != "deploy"
			if off := slices.Contains(f.calls[0].Env, "GOGC=off"); off != (short && !set) {
				t.Errorf("%s, where GOGC is set: %v: the environment has %q", cmd.name, set, f.calls[0].Env)
			}
		}
	}
}

func TestWhatIsKeptOfABuildIsEnough(t *testing.T) {
	c, _ := client(func(_ int, cmd Command) (Result, error) {
		e := &ending{most: cmd.Tail}
		for range 3 * cmd.Tail / 1000 {
			_, _ = e.Write([]byte(strings.Repeat("x", 999) + "\n"))
		}
		_, _ = e.Write([]byte(buildTalk))
		return Result{Stderr: e.bytes()}, nil
	})
	if ref, err := c.Build(t.Context(), "v2"); err != nil || ref != "registry.fly.io/my-app:v2" {
		t.Errorf("got %q, %v", ref, err)
	}
}
