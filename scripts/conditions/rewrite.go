package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one condition, negated or dropped.
type mutant struct {
	number  int
	file    string // slash-separated, from the root
	line    int
	text    string // of the condition
	dropped bool
	excused bool   // its line says why it makes no difference
	by      string // what killed it; "" if nothing did
}

func (m mutant) place() string { return fmt.Sprintf("%s:%d", m.file, m.line) }

func (m mutant) String() string {
	how := "negated"
	if m.dropped {
		how = "dropped"
	}
	return fmt.Sprintf("%s: %s: %s", m.place(), how, m.text)
}

// variable is the one that says which condition is wrong.
const variable = "WRONG_CONDITION"

// switchboard is a file that each package gets.
const switchboard = `package %s

import (
	"os"
	"strconv"
)

var wrongCondition, _ = strconv.Atoi(os.Getenv("` + variable + `"))
`

// position is where a condition stands, as far as dropping it depends on that.
type position int

const (
	value     position = iota // it is returned, assigned or passed: not dropped
	asked                     // of an if, a for or a case: dropped, it is never true
	conjunct                  // of an &&: dropped, it is true
	alternate                 // of an ||: dropped, it is false
)

// rewriter puts all mutants of a package into its files.
type rewriter struct {
	fset    *token.FileSet
	info    *types.Info
	mutants []mutant
	file    string
	source  []byte
	edits   []edit
	at      map[ast.Expr]position
	skip    map[ast.Expr]bool
}

// edit is text that is put in at an offset. Where several are at one offset, those
// of a larger expression are outside.
type edit struct {
	offset, size int
	end          bool
	text         string
}

// rewrite returns the files of a package with all mutants in them, by path, and
// adds the mutants to those that there are.
func rewrite(root, dir string, imports types.Importer, mutants []mutant) (map[string][]byte, []mutant, error) {
	w := &rewriter{fset: token.NewFileSet(), mutants: mutants}
	paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	if err != nil {
		return nil, nil, err
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	var files []*ast.File
	for _, path := range paths {
		f, err := parser.ParseFile(w.fset, path, nil, parser.ParseComments)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("%s has no Go files", dir)
	}
	w.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if _, err := (&types.Config{Importer: imports}).Check(dir, w.fset, files, w.info); err != nil {
		return nil, nil, err
	}
	out := map[string][]byte{}
	for i, f := range files {
		if w.source, err = os.ReadFile(paths[i]); err != nil {
			return nil, nil, err
		}
		w.file = dir + "/" + filepath.Base(paths[i])
		out[paths[i]] = w.rewriteFile(f)
	}
	board := filepath.Join(root, filepath.FromSlash(dir), "wrong_condition.go")
	out[board] = fmt.Appendf(nil, switchboard, files[0].Name.Name)
	return out, w.mutants, nil
}

func (w *rewriter) rewriteFile(f *ast.File) []byte {
	w.edits, w.at, w.skip = nil, map[ast.Expr]position{}, map[ast.Expr]bool{}
	excused := map[int]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if why, ok := strings.CutPrefix(c.Text, "// equivalent: "); ok && strings.TrimSpace(why) != "" {
				excused[w.fset.Position(c.Pos()).Line] = true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool { w.note(n); return true })
	ast.Inspect(f, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && w.isCondition(e) {
			w.mutate(e, excused)
		}
		return true
	})
	return apply(w.source, w.edits)
}

// note keeps what a node says about the expressions in it.
func (w *rewriter) note(n ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		w.at[ast.Unparen(n.Cond)] = asked
	case *ast.ForStmt:
		if n.Cond != nil {
			w.at[ast.Unparen(n.Cond)] = asked
		}
	case *ast.SwitchStmt:
		for _, s := range n.Body.List {
			for _, e := range s.(*ast.CaseClause).List {
				if n.Tag == nil {
					w.at[ast.Unparen(e)] = asked
				}
			}
		}
	case *ast.BinaryExpr:
		for _, e := range []ast.Expr{ast.Unparen(n.X), ast.Unparen(n.Y)} {
			switch in := n.Op; {
			case in == token.LAND:
				w.at[e] = conjunct
			case in == token.LOR:
				w.at[e] = alternate
			}
			if b, ok := e.(*ast.BinaryExpr); ok && b.Op == n.Op { // a chain: its operands count
				w.skip[e] = true
			}
		}
	case *ast.UnaryExpr:
		w.skip[ast.Unparen(n.X)] = true // to negate it is to negate n
	case *ast.ExprStmt:
		w.skip[ast.Unparen(n.X)] = true
	case *ast.CallExpr:
		for _, e := range n.Args { // what is printed decides nothing
			if tv := w.info.Types[n.Fun]; tv.Type != nil && !tv.IsType() && !takesBool(tv.Type) {
				w.skip[ast.Unparen(e)] = true
			}
		}
	}
}

// isCondition reports whether an expression is true or false, and is not just a
// variable that is handed on.
func (w *rewriter) isCondition(e ast.Expr) bool {
	tv, ok := w.info.Types[e]
	if !ok || !tv.IsValue() || tv.Value != nil || w.skip[e] {
		return false
	}
	basic, ok := tv.Type.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsBoolean == 0 {
		return false
	}
	_, placed := w.at[e]
	switch e.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr, *ast.CallExpr:
		return true
	case *ast.ParenExpr:
		return false
	}
	return placed
}

// takesBool reports whether a function has a parameter that is true or false.
func takesBool(f types.Type) bool {
	sig, ok := f.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for v := range sig.Params().Variables() {
		if b, ok := v.Type().Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 {
			return true
		}
	}
	return false
}

func (w *rewriter) mutate(e ast.Expr, excused map[int]bool) {
	from, to := w.fset.Position(e.Pos()), w.fset.Position(e.End())
	add := func(dropped bool) int {
		text := strings.Join(strings.Fields(string(w.source[from.Offset:to.Offset])), " ")
		m := mutant{number: len(w.mutants) + 1, file: w.file, line: from.Line, text: text, dropped: dropped}
		m.excused = excused[from.Line]
		w.mutants = append(w.mutants, m)
		return m.number
	}
	before, after := "((", fmt.Sprintf(") != (wrongCondition == %d))", add(false))
	switch w.at[e] {
	case asked, alternate:
		before = fmt.Sprintf("(wrongCondition != %d && ", add(true)) + before
		after += ")"
	case conjunct:
		before = fmt.Sprintf("(wrongCondition == %d || ", add(true)) + before
		after += ")"
	}
	size := to.Offset - from.Offset
	w.edits = append(w.edits, edit{from.Offset, size, false, before}, edit{to.Offset, size, true, after})
}

func apply(source []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int {
		switch {
		case a.offset != b.offset:
			return a.offset - b.offset
		case a.end:
			return a.size - b.size
		}
		return b.size - a.size
	})
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(source[at:e.offset])
		out.WriteString(e.text)
		at = e.offset
	}
	out.Write(source[at:])
	return out.Bytes()
}

// importsOf returns an importer of what some packages import, as the go command
// has compiled it.
func importsOf(root string, dirs []string) (types.Importer, error) {
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}
	for _, dir := range dirs {
		args = append(args, "./"+dir)
	}
	list := exec.Command("go", args...)
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	}), nil
}
