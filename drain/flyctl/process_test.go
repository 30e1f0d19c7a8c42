package flyctl

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test binary stand in for flyctl where FAKE_FLYCTL is set.
func TestMain(m *testing.M) {
	if what := os.Getenv("FAKE_FLYCTL"); what != "" {
		os.Exit(fakeFlyctl(what))
	}
	os.Exit(m.Run())
}

// report is what the fake saw of how it was started.
type report struct {
	Args, Env, Files []string
	Dir, Stdin       string
}

func fakeFlyctl(what string) int {
	switch what {
	case "report":
		stdin, _ := io.ReadAll(os.Stdin)
		dir, _ := os.Getwd()
		r := report{Args: os.Args[1:], Env: os.Environ(), Dir: dir, Stdin: string(stdin)}
		entries, _ := os.ReadDir(".")
		for _, e := range entries {
			r.Files = append(r.Files, e.Name())
		}
		_ = json.NewEncoder(os.Stdout).Encode(r)
		_, _ = os.Stderr.WriteString("talk\n")
		code, _ := strconv.Atoi(os.Getenv("FAKE_EXIT"))
		return code
	case "flyctl": // ends on an interrupt, as flyctl does
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		say("ready " + strconv.Itoa(os.Getpid()))
		_, _ = os.Stdout.WriteString("begun\n")
		<-interrupted
		say("interrupted")
		_, _ = os.Stdout.WriteString("Releasing lease\n")
		return exitInterrupted
	case "talker": // goes on when it has been heard, and talks on both streams
		_, _ = os.Stdout.WriteString("begun\n")
		_, _ = io.ReadAll(say("ready"))
		for range 1000 {
			_, _ = os.Stdout.WriteString("out\n")
			_, _ = os.Stderr.WriteString("err\n")
		}
		_, _ = os.Stderr.WriteString("\x1b[1mimage: a:b\x1b[0m " + os.Getenv("FLY_API_TOKEN"))
	case "finisher": // is interrupted, and still finishes
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		say("ready")
		<-interrupted
		return 0
	case "stubborn": // does not end
		signal.Ignore(os.Interrupt)
		conn := say("ready")
		_, _ = io.ReadAll(conn) // for ever
	case "script": // runs flyctl
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fakeEnv("stubborn")...)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		_ = child.Run()
		return 1
	case "leaver": // ends, and leaves behind a process that holds its output open
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fakeEnv("stubborn")...)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		_, _ = os.Stdout.WriteString("[]")
		if child.Start() != nil {
			return 1
		}
		code, _ := strconv.Atoi(os.Getenv("FAKE_EXIT"))
		return code
	default:
		return fakeUnix(what)
	}
	return 0
}

var conns []net.Conn // kept, as the test sees in them how long we live

// say sends a line to the test, over a connection of its own.
func say(line string) net.Conn {
	conn, err := net.Dial("tcp", os.Getenv("FAKE_ADDR"))
	if err != nil {
		panic(err)
	}
	conns = append(conns, conn)
	_, _ = conn.Write([]byte(line + "\n"))
	return conn
}

// hearing returns what fakes say, and the address for them to say it to.
func hearing(t *testing.T) (addr string, hear func() (line string, conn net.Conn)) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String(), func() (string, net.Conn) {
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return "", nil
		}
		t.Cleanup(func() { _ = conn.Close() })
		var line []byte
		for b := make([]byte, 1); ; {
			if _, err := conn.Read(b); err != nil || b[0] == '\n' {
				return string(line), conn
			}
			line = append(line, b[0])
		}
	}
}

// gone waits for the end of the process that a connection is from.
func gone(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // a kill takes no time
	if _, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("it lives")
	}
}

// The race detector would keep each of them for a second after its end.
func fakeEnv(what string, more ...string) []string {
	return append(more, "FAKE_FLYCTL="+what, "GORACE=atexit_sleep_ms=0")
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// reported runs the fake and returns what it saw.
func reported(t *testing.T, cmd Command) report {
	t.Helper()
	cmd.Env = fakeEnv("report", cmd.Env...)
	res, err := Exec(self(t))(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(res.Stdout, &r); err != nil {
		t.Fatalf("%v: %q", err, res.Stdout)
	}
	return r
}

func TestOutputAndTalkAreKeptApart(t *testing.T) {
	for _, code := range []int{0, 1, 3, 126, 127} {
		res, err := Exec(self(t))(t.Context(), Command{Env: fakeEnv("report", "FAKE_EXIT="+strconv.Itoa(code))})
		if err != nil || res.ExitCode != code || string(res.Stderr) != "talk\n" || !json.Valid(res.Stdout) {
			t.Errorf("exit code %d: got %d, %q, %v", code, res.ExitCode, res.Stderr, err)
		}
	}
}

func TestArgumentsArriveAsTheyAreAndStdinIsEmpty(t *testing.T) {
	args := []string{"machine", "exec", one, "cat '/x y' $HOME *", "--json", "a\"b", ""}
	if r := reported(t, Command{Args: args}); !slices.Equal(r.Args, args) || r.Stdin != "" {
		t.Errorf("got %q, stdin %q", r.Args, r.Stdin)
	}
}

func TestTheEnvironmentIsInheritedWithoutWhatDirtiesTheAnswer(t *testing.T) {
	for _, name := range unset {
		t.Setenv(name, "dirty")
	}
	t.Setenv("FLY_API_TOKEN", plain)
	t.Setenv("LOG_LEVELS", "kept")
	env := reported(t, Command{Env: []string{"MORE=x"}}).Env
	for _, kv := range env {
		if strings.HasSuffix(kv, "=dirty") {
			t.Errorf("%s is left", kv)
		}
	}
	for _, kv := range []string{"FLY_NO_UPDATE_CHECK=1", "NO_COLOR=1", "FLY_API_TOKEN=" + plain, "LOG_LEVELS=kept", "MORE=x"} {
		if !slices.Contains(env, kv) {
			t.Errorf("%s is missing", kv)
		}
	}
	for _, name := range []string{"LOG_LEVEL", "FLY_GHA_ERROR_ANNOTATION", "FLY_UPDATE_CHECK", "FLY_INCIDENTS_CHECK", "FLY_JSON", "DEPLOY_TRIGGER"} {
		if !slices.Contains(unset, name) {
			t.Errorf("%s is not removed", name)
		}
	}
}

func TestACommandWithoutAFolderRunsInAnEmptyOneThatGoes(t *testing.T) {
	here := t.TempDir()
	if err := os.WriteFile(filepath.Join(here, "fly.toml"), []byte("[broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	r := reported(t, Command{})
	if len(r.Files) != 0 || r.Dir == here {
		t.Errorf("it ran in %s with %q", r.Dir, r.Files)
	}
	if _, err := os.Stat(r.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", r.Dir, err)
	}
}

func TestACommandWithAFolderRunsThere(t *testing.T) {
	there := t.TempDir()
	if err := os.WriteFile(filepath.Join(there, "fly.toml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := reported(t, Command{Dir: there}); !slices.Equal(r.Files, []string{"fly.toml"}) {
		t.Errorf("it ran in %s with %q", r.Dir, r.Files)
	}
	if _, err := os.Stat(there); err != nil {
		t.Error(err)
	}
	t.Chdir(filepath.Dir(there))
	if r := reported(t, Command{Dir: filepath.Base(there)}); !slices.Equal(r.Files, []string{"fly.toml"}) {
		t.Errorf("it ran in %s with %q", r.Dir, r.Files)
	}
}

func TestAMissingFolderIsNotTakenForAMissingFlyctl(t *testing.T) {
	for _, dir := range []string{filepath.Join(t.TempDir(), "nope"), self(t), "a\x00"} {
		c := &Client{App: "my-app", Dir: dir, Run: Exec(self(t))}
		_, err := c.ConfigShow(t.Context())
		wantKind(t, err, ErrUsage)
	}
}

func TestABinaryThatCannotBeStartedIsNotInstalled(t *testing.T) {
	plainFile := filepath.Join(t.TempDir(), "flyctl")
	if err := os.WriteFile(plainFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "flyctl"), plainFile} {
		c := &Client{App: "my-app", Run: Exec(path)}
		_, err := c.List(t.Context())
		wantKind(t, err, ErrNotInstalled)
	}
}

func TestAnEndedContextStartsNothing(t *testing.T) {
	stop := errors.New("SIGTERM")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := Exec(filepath.Join(t.TempDir(), "none"))(ctx, Command{}); !errors.Is(err, stop) || errors.Is(err, ErrNotInstalled) {
		t.Errorf("got %v", err)
	}
}

// canceled runs a fake until it says that it is ready, and then cancels it.
func canceled(t *testing.T, what string, wait time.Duration) (res Result, ready net.Conn, hear func() (string, net.Conn), err error) {
	t.Helper()
	addr, hear := hearing(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		res, err = Exec(self(t))(ctx, Command{Env: fakeEnv(what, "FAKE_ADDR="+addr), Wait: wait})
	}()
	_, ready = hear()
	cancel(errStop)
	<-done
	return res, ready, hear, err
}

var errStop = errors.New("SIGTERM")

func TestOneThatIgnoresTheInterruptIsKilled(t *testing.T) {
	begun := time.Now()
	_, conn, _, err := canceled(t, "stubborn", 100*time.Millisecond)
	if !errors.Is(err, errStop) {
		t.Errorf("got %v", err)
	}
	gone(t, conn)
	if took := time.Since(begun); runtime.GOOS != "windows" && took < 100*time.Millisecond {
		t.Errorf("it had only %v to end", took)
	}
}

func TestAKillReachesFlyctlBehindAScript(t *testing.T) {
	for _, wait := range []time.Duration{0, 100 * time.Millisecond} { // at once, or after an interrupt that ends only the script
		_, conn, _, err := canceled(t, "script", wait)
		if !errors.Is(err, errStop) {
			t.Errorf("got %v", err)
		}
		gone(t, conn)
	}
}

func TestAProcessLeftBehindDoesNotHoldUpTheAnswer(t *testing.T) {
	for _, code := range []int{0, 1} {
		addr, hear := hearing(t)
		res, err := Exec(self(t))(t.Context(), Command{Wait: 100 * time.Millisecond, Env: fakeEnv("leaver", "FAKE_ADDR="+addr, "FAKE_EXIT="+strconv.Itoa(code))})
		if err != nil || string(res.Stdout) != "[]" || res.ExitCode != code {
			t.Errorf("got %q, %d, %v", res.Stdout, res.ExitCode, err)
		}
		if _, conn := hear(); conn != nil {
			_ = conn.Close() // it ends then
		}
	}
}

func TestFindTakesTheOptionThenTheVariableThenThePath(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) string {
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flyctl, fly, env, option := put("both/flyctl"), put("both/fly"), put("env/x"), put("option/y")
	onlyFly := put("only/fly")
	for _, tc := range []struct{ name, option, env, path, want string }{
		{"the option", option, env, filepath.Dir(flyctl), option},
		{"the variable", "", env, filepath.Dir(flyctl), env},
		{"flyctl before fly", "", "", filepath.Dir(flyctl), flyctl},
		{"fly", "", "", filepath.Dir(onlyFly), onlyFly},
		{"a name on the path", "fly", "", filepath.Dir(fly), fly},
	} {
		t.Setenv("FLYCTL", tc.env)
		t.Setenv("PATH", tc.path)
		if got, err := Find(tc.option); err != nil || got != tc.want {
			t.Errorf("%s: got %q, %v", tc.name, got, err)
		}
	}

	t.Chdir(filepath.Dir(env))
	t.Setenv("FLYCTL", "."+string(filepath.Separator)+filepath.Base(env))
	if got, err := Find(""); err != nil || !filepath.IsAbs(got) {
		t.Errorf("one that is relative: got %q, %v", got, err)
	}
}

func TestAMissingFlyctlIsToldWithWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, env := range []string{"", filepath.Join(t.TempDir(), "none")} {
		t.Setenv("FLYCTL", env) // where it is wrong, nothing else is taken
		c := &Client{App: "my-app"}
		for range 2 {
			_, err := c.Version(t.Context())
			wantKind(t, err, ErrNotInstalled)
			for _, word := range []string{"https://fly.io/docs/flyctl/install/", "FLYCTL"} {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is not in the message: %v", word, err)
				}
			}
		}
	}
}

func TestAWrongFLYCTLIsNotPassedOver(t *testing.T) {
	dir := t.TempDir()
	name := "flyctl"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	t.Setenv("FLYCTL", filepath.Join(dir, "none"))
	if got, err := Find(""); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("got %q, %v", got, err)
	}
}
