package view_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

// planted is the token of the environment.
const planted = "fm2_lJPE/CAAA+AAADyKx=BDk9v7b8Zq1+TfWm0V/5xQw=="

// forms are how others say it.
var forms = []string{
	planted, url.QueryEscape(planted), strings.NewReplacer("+", `\u002b`, "/", `\/`).Replace(planted),
	base64.StdEncoding.EncodeToString([]byte("x:" + planted)),
	planted[:20] + "\x1b[1m" + planted[20:], planted[:20] + "\u200b" + planted[20:], planted[:20] + "\n" + planted[20:], planted[:20] + " " + planted[20:],
}

// evil is all that others may say, at once.
var evil = nasty + " ##[add-mask]draining ##vso[task.complete]\n::stop-commands::x\n https://hunter2hunter2@h/ u:hunter2hunter2@registry/x ?token=hunter2hunter2 " +
	strings.Join(forms, " ; ")

// needed are what a command's answer must hold for a run to go on.
var needed = []string{"id", "state", "region", "created_at", "host_status", "image", "registry", "repository", "tag", "digest", "status", "type", "protocol",
	"autostop", "cpu_kind", "fly_process_group", "fly_platform_version", "FLYDRAIN", "app", "primary_region", "Version", "updated_at", "signal", "timeout", "strategy"}

// spoil puts evil into every text of an answer that can hold one.
func spoil(v any, key string) any {
	switch v := v.(type) {
	case string:
		if !slices.Contains(needed, key) {
			return v + evil
		}
	case []any:
		for i := range v {
			v[i] = spoil(v[i], key)
		}
	case map[string]any:
		for key := range v {
			v[key] = spoil(v[key], key)
		}
	}
	return v
}

// hostile is a flyctl all of whose answers and failures have evil in them.
func hostile(run flyctl.Runner) flyctl.Runner {
	var mu sync.Mutex
	failed := map[string]bool{}
	return func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		verb := strings.Join(cmd.Args[:2], " ")
		mu.Lock()
		again := failed[verb]
		failed[verb] = true
		mu.Unlock()
		if !again && slices.Contains([]string{"machine list", "machine cordon", "machine uncordon", "machine exec"}, verb) {
			return flyctl.Result{ExitCode: 1, Stdout: []byte(evil), Stderr: []byte(evil + "\nError: it failed: " + evil)}, nil
		}
		if cmd.Output != nil {
			cmd.Output(evil)
		}
		res, err := run(ctx, cmd)
		var answer any
		if json.Unmarshal(res.Stdout, &answer) == nil {
			res.Stdout, _ = json.Marshal(spoil(answer, ""))
		}
		res.Stderr = slices.Concat([]byte(evil+"\n"), res.Stderr)
		return res, err
	}
}

// sink is one place that a run is shown in. end is given how it ended.
type sink struct {
	events func(drain.Event)
	end    func(drain.Report, error)
	shown  func() string
}

// writes is a sink that writes to b.
func writes(b interface{ String() string }, events func(drain.Event), end func(drain.Report, error)) sink {
	if end == nil {
		end = func(drain.Report, error) {}
	}
	return sink{events, end, b.String}
}

func logging(format log.Formatter) func(*testing.T) sink {
	return func(*testing.T) sink {
		b := &bytes.Buffer{}
		l := logger(b, format)
		l.SetLevel(log.DebugLevel)
		return writes(b, view.Log(l), nil)
	}
}

// screen is a terminal.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// moves are what our own drawing writes: colours, and the cursor's moves.
var moves = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(moves.ReplaceAllString(s.b.String(), ""), "\r", "\n")
}

// sinks are all places, by the function that shows there.
var sinks = map[string]func(*testing.T) sink{
	"Log":           logging(log.TextFormatter),
	"Log as logfmt": logging(log.LogfmtFormatter),
	"Log as JSON":   logging(log.JSONFormatter),
	"JSON": func(*testing.T) sink {
		b := &bytes.Buffer{}
		return writes(b, view.JSON(b), nil)
	},
	"Summary.Write": func(*testing.T) sink {
		s, b := &view.Summary{}, &bytes.Buffer{}
		return writes(b, s.Event, func(report drain.Report, err error) { _ = s.Write(b, report, err) })
	},
	"Outcome": func(t *testing.T) sink {
		b := &bytes.Buffer{}
		return writes(b, func(drain.Event) {}, func(report drain.Report, err error) { view.Outcome(b, report, err) })
	},
	"Auto.Start": func(t *testing.T) sink {
		f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		summary := filepath.Join(t.TempDir(), "summary")
		events, end := view.Auto{Verbose: true, Summary: summary}.Start(f)
		return sink{events, func(report drain.Report, err error) { end(report, err) }, func() string { return read(t, f.Name()) + read(t, summary) }}
	},
	"Auto.Start on a terminal": func(t *testing.T) sink {
		s := &screen{}
		events, end := view.Picture(s)
		return writes(s, events, func(drain.Report, error) { end() })
	},
	"GITHUB_OUTPUT": func(t *testing.T) sink {
		path := filepath.Join(t.TempDir(), "output")
		return sink{func(drain.Event) {}, func(report drain.Report, err error) {
			t.Setenv("GITHUB_OUTPUT", path)
			view.Outcome(&bytes.Buffer{}, report, err)
			t.Setenv("GITHUB_OUTPUT", "")
		}, func() string { return read(t, path) }}
	},
	"the caller's own": func(*testing.T) sink { // who prints what the library hands out
		b := &bytes.Buffer{}
		say := func(v any) {
			data, err := json.Marshal(v)
			b.Write(append(data, '\n'))
			if err != nil {
				b.WriteString(err.Error() + "\n")
			}
		}
		return writes(b, func(e drain.Event) {
			b.WriteString(strings.Join([]string{string(e.Kind), e.App, e.Machine, e.Group, e.Region, e.Output, e.Why}, "\n") + "\n")
			say(e)
			if e.Reading != nil {
				b.WriteString(e.Reading.String() + "\n")
			}
		}, func(report drain.Report, err error) {
			say(report)
			b.WriteString(report.String() + "\n" + report.Why + "\n" + strings.Join(report.Next, "\n") + "\n")
			if err != nil {
				b.WriteString(err.Error() + "\n")
			}
		})
	},
}

func read(t *testing.T, path string) string {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// madeOf show in one of the sinks, or show nothing.
var madeOf = []string{"All", "Auto.Flags", "Auto.Run", "Deploy", "Help", "Run", "Steps", "Summary.Event"}

// texts are what the library hands out as text; this file shows each.
var texts = []string{"Error.Error", "Plan.Script", "Report.String", "Status.String"}

// A new function of this package, or one of the library that returns a text, is in one
// of these lists, and so tried.
func TestEverySinkIsTried(t *testing.T) {
	for folder, known := range map[string][]string{".": slices.AppendSeq(slices.Clone(madeOf), maps.Keys(sinks)), "..": texts} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || folder == ".." && !returnsText(f) {
					continue
				}
				if name := exported(f); name != "" && !slices.Contains(known, name) {
					t.Errorf("%s is in no list", name)
				}
			}
		}
	}
}

func returnsText(f *ast.FuncDecl) bool {
	return f.Type.Results != nil && slices.ContainsFunc(f.Type.Results.List, func(r *ast.Field) bool {
		kind, ok := r.Type.(*ast.Ident)
		return ok && kind.Name == "string"
	})
}

// exported returns the name that a caller uses, or "".
func exported(f *ast.FuncDecl) string {
	name := f.Name.Name
	if f.Recv != nil {
		of := f.Recv.List[0].Type
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		if !of.(*ast.Ident).IsExported() {
			return ""
		}
		name = of.(*ast.Ident).Name + "." + name
	}
	if !f.Name.IsExported() {
		return ""
	}
	return name
}

func TestNothingHostileIsShownAnywhere(t *testing.T) {
	for name, tune := range map[string]func(*drain.Release){
		"a release that ends with machines that drain": func(*drain.Release) {},
		"a release with a build":                       func(r *drain.Release) { r.Apps[0].Image = ""; r.Background = true },
		"a check that refuses": func(r *drain.Release) {
			r.Check = func(context.Context, string, []flyctl.Machine) error { return errors.New(evil) }
		},
		"green that is not healthy": func(r *drain.Release) {
			run := r.Flyctl
			r.HealthTimeout = time.Minute
			r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
				res, err := run(ctx, cmd)
				if cmd.Args[1] == "list" {
					res.Stdout = bytes.ReplaceAll(res.Stdout, []byte(`"passing"`), []byte(`"critical"`))
				}
				return res, err
			}
		},
		"lists that fail": func(r *drain.Release) {
			r.Flyctl = func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
				return flyctl.Result{ExitCode: 1, Stdout: []byte(evil), Stderr: []byte("Error: unauthorized: " + evil)}, nil
			}
		},
		"a flyctl that does not start": func(r *drain.Release) {
			r.Flyctl = func(context.Context, flyctl.Command) (flyctl.Result, error) { return flyctl.Result{}, errors.New(evil) }
		},
		"an app's name": func(r *drain.Release) { r.Apps[0].Name = evil },
		"an argument":   func(r *drain.Release) { r.Apps[0].Args = []string{evil} },
		"an image":      func(r *drain.Release) { r.Apps[0].Image = evil },
		"a folder":      func(r *drain.Release) { r.Apps[0].Dir = evil },
		"a build secret": func(r *drain.Release) {
			r.Apps[0].Args = []string{"--build-secret", "A=hunter2hunter2", "-e", "B=" + planted}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("FLY_API_TOKEN", "FlyV1 "+planted)
			t.Setenv("GITHUB_OUTPUT", "")
			t.Setenv("GITHUB_STEP_SUMMARY", "")
			var events []drain.Event
			r := small(func(e drain.Event) { events = append(events, e) })
			r.tune = func(r *drain.Release) {
				r.Flyctl, r.Deadline = hostile(r.Flyctl), 2*time.Minute
				tune(r)
			}
			r.beside = func(r drain.Release) {
				plan, err := r.Plan(context.Background(), "deploy")
				status, failed := r.Status(context.Background())
				for at, handed := range map[string]any{"the plan": plan, "the status": status} {
					data, _ := json.Marshal(handed)
					clean(t, at+" in JSON", string(data))
				}
				for at, text := range map[string]string{"the plan": plan.Script(), "its error": fmt.Sprint(err), "the status": status.String(), "that one's error": fmt.Sprint(failed)} {
					clean(t, at, text)
				}
			}
			report, err := r.deploy(t)
			for at, open := range sinks {
				s := open(t)
				for _, e := range events {
					s.events(e)
				}
				s.end(report, err)
				clean(t, at, s.shown())
			}
		})
	}
}

// clean checks that a text that is shown has nothing of evil.
func clean(t *testing.T, at, text string) {
	t.Helper()
	around := func(i int) string { return text[max(0, i-60):min(len(text), i+60)] }
	for i, r := range text {
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' {
			t.Fatalf("%s: %U is in %q", at, r, around(i))
		}
	}
	for _, command := range []string{"##[", "##vso[", "hunter2", "\nINFO outcome=done"} {
		if i := strings.Index(text, command); i >= 0 {
			t.Errorf("%s: %q is in %q", at, command, around(i))
		}
	}
	if m := regexp.MustCompile(`(?m)^\s*::.*`).FindString(text); m != "" {
		t.Errorf("%s: a line begins with %q", at, m)
	}
	bare := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	for _, form := range forms[:4] {
		for i := range len(form) - 11 {
			if strings.Contains(bare, form[i:i+12]) {
				t.Errorf("%s: %q of the token is shown", at, form[i:i+12])
				return
			}
		}
	}
}
