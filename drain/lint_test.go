package drain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A program must not print what others may have said as it is. So whatever an example
// or the library prints goes through [flyctl.Printer], or through package view, whose
// own tests try each of its functions. examples/sockets runs inside a machine.
func TestWhatIsPrintedGoesThroughThePrinter(t *testing.T) {
	files := token.NewFileSet()
	for _, root := range []string{".", "../examples"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && (d.Name() == "view" || d.Name() == "draintest" || d.Name() == "sockets") {
				return filepath.SkipDir
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			for _, where := range printsRaw(f) {
				t.Errorf("%v: this prints without flyctl.Printer", files.Position(where))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// printsRaw returns the places where a file prints something that may not be ours.
func printsRaw(f *ast.File) (raw []token.Pos) {
	safe := false // what parses flags prints what it was given
	var parses token.Pos
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		of, name := called(call)
		switch {
		case of == "fmt" && strings.HasPrefix(name, "Print"):
			for _, arg := range call.Args {
				if _, constant := arg.(*ast.BasicLit); !constant && !isName(arg, "usage", "exitCodes") {
					raw = append(raw, arg.Pos())
				}
			}
		case of == "" && (name == "print" || name == "println"), of == "raw", of == "log" && (strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Fatal")):
			raw = append(raw, call.Pos())
		case of == "flag" && name == "Parse":
			parses = call.Pos()
		case name == "Flags", name == "SetOutput":
			safe = true
		case of == "flyctl" && name == "Printer", of == "view", of == "" && name == "run":
			return true
		}
		for _, arg := range call.Args {
			if sel, ok := arg.(*ast.SelectorExpr); ok && isName(sel.X, "os") && (sel.Sel.Name == "Stdout" || sel.Sel.Name == "Stderr") {
				raw = append(raw, arg.Pos())
			}
		}
		return true
	})
	if parses.IsValid() && !safe {
		raw = append(raw, parses)
	}
	return raw
}

// called returns the package or the value that a call selects from, and the name.
func called(call *ast.CallExpr) (of, name string) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name, f.Sel.Name
		}
		if x, ok := f.X.(*ast.SelectorExpr); ok && isName(x.X, "os") { // os.Stderr.WriteString
			return "raw", f.Sel.Name
		}
		return "?", f.Sel.Name
	}
	return "?", ""
}

func isName(e ast.Expr, names ...string) bool {
	id, ok := e.(*ast.Ident)
	for _, name := range names {
		if ok && id.Name == name {
			return true
		}
	}
	return false
}

func TestAPrintThatIsRawIsFound(t *testing.T) {
	for text, want := range map[string]int{
		`fmt.Println("hello")`: 0, `fmt.Println("hello", err)`: 1, `fmt.Fprintln(os.Stderr, err)`: 1, `fmt.Fprintln(flyctl.Printer(os.Stderr), err)`: 0,
		`json.NewEncoder(os.Stdout).Encode(x)`: 1, `os.Stdout.WriteString(x)`: 1, `log.Fatal(err)`: 1, `println(err)`: 1, `log.New(os.Stderr, "", 0)`: 1,
		`view.Help(os.Stderr, fs)`: 0, `flag.Parse()`: 1, `flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr)); flag.Parse()`: 0,
		`flag.CommandLine.SetOutput(os.Stderr); flag.Parse()`: 1,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { "+text+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(printsRaw(f)); got != want {
			t.Errorf("%s: %d found, want %d", text, got, want)
		}
	}
}

// A step of somebody else's that can change overnight must not get the token.
func TestTheWorkflowGivesTheTokenOnlyToStepsThatRunFlyctl(t *testing.T) {
	data, err := os.ReadFile("../examples/github/deploy.yml")
	if err != nil {
		t.Fatal(err)
	}
	top, jobs, _ := strings.Cut(string(data), "\njobs:\n")
	if strings.Contains(top, "secrets.") {
		t.Error("every job gets the token")
	}
	steps := strings.Split(jobs, "\n      - ")
	pinned := regexp.MustCompile(`^uses: \S+@[0-9a-f]{40} # v?[0-9.]+\n`)
	with := 0
	for _, step := range steps {
		step = regexp.MustCompile(`(?m)^ *#.*\n`).ReplaceAllString(step+"\n", "")
		_, uses, isUse := strings.Cut(step, "uses: ")
		switch {
		case isUse && !pinned.MatchString("uses: "+uses):
			t.Errorf("not pinned: %s", step)
		case isUse && strings.HasPrefix(uses, "actions/checkout@") && !strings.Contains(step, "persist-credentials: false"):
			t.Errorf("the repository's token stays: %s", step)
		case isUse && strings.HasPrefix(uses, "superfly/") && !regexp.MustCompile(`version: \d+\.\d+\.\d+`).MatchString(step):
			t.Errorf("any version of flyctl: %s", step)
		}
		if strings.Contains(step, "secrets.") {
			if with++; !strings.Contains(step, `"$RUNNER_TEMP/deploy" -app my-app `) || isUse {
				t.Errorf("the token is not for this step: %s", step)
			}
		}
	}
	if with != 3 || strings.Count(jobs, `go build -o "$RUNNER_TEMP/deploy" ./deploy`) != 3 {
		t.Errorf("%d steps have the token", with)
	}
}
