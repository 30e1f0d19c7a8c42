package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// budget is how large a package may become: lines of code in its files, without tests,
// comments and blank lines, and exported names. 0 means no limit.
type budget struct{ lines, names int }

// budgets are by folder; "scripts/*" is for all scripts together. What is over its
// budget fails the check. A package that outgrows it is first made smaller.
var budgets = map[string]budget{
	"drain":                    {3230, 90}, // what later issues added: lost hosts, soft limits, deadlines that lists date, commands together, what users' code may do
	"drain/internal/rollout":   {970, 0},
	"drain/internal/standing":  {620, 0},
	"drain/internal/facts":     {500, 0},
	"drain/internal/intent":    {260, 0}, // also which releases served one after the other
	"drain/internal/words":     {20, 0},
	"drain/internal/idle":      {310, 0}, // more than 250: lost hosts, the drain command, and deadlines that a list dates came later
	"drain/internal/fleet":     {550, 0},
	"drain/internal/capacity":  {240, 0},
	"drain/internal/fleettest": {150, 0},
	"drain/internal/check":     {240, 0},
	"drain/internal/pipe":      {170, 0},
	"drain/internal/lists":     {140, 0},
	"drain/internal/safe":      {110, 0},
	"drain/internal/turns":     {60, 0},
	"drain/probe":              {1050, 25},
	"drain/flyctl":             {2000, 80},
	"drain/view":               {1800, 15},
	"drain/draintest":          {5300, 45},
	"scripts/*":                {5300, 0}, // also what it costs to watch a drain of a day
}

const (
	longFile    = 400 // lines that a file may have, tests too
	longExample = 99  // lines that a file of an example may have, without tests
)

// house is what there is in a folder, without tests.
type house struct {
	lines int
	names map[string]bool // "Name", or "Type.Method"
	wrong []string        // files that are too long, and tests whose names say nothing of what they are about
}

// measure returns the houses below root by their folder.
func measure(root string, budgets map[string]budget) (map[string]*house, error) {
	houses := map[string]*house{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		folder := slashpath.Dir(name)
		above, _, internal := strings.Cut(folder, "/internal/")
		_, own := budgets[folder]
		switch {
		case strings.HasPrefix(folder, "scripts/"):
			folder = "scripts/*"
		case internal && !own: // its lines are those of the package that it is for
			folder = above
		}
		if houses[folder] == nil {
			houses[folder] = &house{names: map[string]bool{}}
		}
		return houses[folder].add(path, name, !internal || own)
	})
	return houses, err
}

// add counts a file, and its names where somebody outside can see them.
func (h *house) add(path, name string, seen bool) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines, most, test := strings.Count(string(text), "\n"), longFile, strings.HasSuffix(name, "_test.go")
	if strings.HasPrefix(name, "examples/") && !test {
		most = longExample
	}
	if lines > most {
		h.wrong = append(h.wrong, fmt.Sprintf("%s: %d lines of %d: over", name, lines, most))
	}
	if test && strings.HasPrefix(name, "drain/") && !named(path) {
		h.wrong = append(h.wrong, name+": named for no source file beside it")
	}
	if test {
		return nil
	}
	h.lines += code(text)
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if file.Name.Name != "main" && seen {
		for _, n := range exported(file) {
			h.names[n] = true
		}
	}
	return nil
}

// ofAll begin the names of test files that are about no source file alone: what tests
// share, what they hold the whole program to, and what Go gives a meaning.
var ofAll = []string{"conform", "everystate", "example", "export", "helper", "hostile", "lint", "main", "parity", "readme"}

// named reports whether a test file is named for a source file beside it, or for its
// folder, or begins with a word of ofAll. More words may follow, each after a "_".
func named(path string) bool {
	folder, file := filepath.Split(path)
	words := strings.Split(strings.TrimSuffix(file, "_test.go"), "_")
	for n := range words {
		name := strings.Join(words[:n+1], "_")
		_, err := os.Stat(folder + name + ".go")
		if err == nil || name == filepath.Base(folder) || slices.Contains(ofAll, name) {
			return true
		}
	}
	return false
}

// code counts the lines that have more than comments.
func code(text []byte) int {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	lines := map[int]bool{}
	for {
		at, t, said := s.Scan()
		if t == token.EOF {
			return len(lines)
		}
		first := file.Line(at)
		for n := range strings.Count(strings.TrimSuffix(said, "\n"), "\n") + 1 { // of a string of several lines
			if t != token.SEMICOLON || said == ";" { // else a line end
				lines[first+n] = true
			}
		}
	}
}

// exported returns the file's exported types, functions, constants and variables,
// and the exported methods of exported types, those of interfaces too. Fields do
// not count.
func exported(file *ast.File) (names []string) {
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id.IsExported() {
				names = append(names, id.Name)
			}
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			} else if t := receiver(d.Recv.List[0].Type); ast.IsExported(t) && d.Name.IsExported() {
				names = append(names, t+"."+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					add(s.Names...)
				case *ast.TypeSpec:
					add(s.Name)
					names = append(names, methods(s)...)
				}
			}
		}
	}
	return names
}

// receiver returns the name of a method's type.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// methods returns the exported methods of an exported interface.
func methods(s *ast.TypeSpec) (names []string) {
	t, ok := s.Type.(*ast.InterfaceType)
	if !ok || !s.Name.IsExported() {
		return nil
	}
	for _, m := range t.Methods.List {
		for _, id := range m.Names {
			if id.IsExported() {
				names = append(names, s.Name.Name+"."+id.Name)
			}
		}
	}
	return names
}

// errOver says that something is over its budget.
var errOver = errors.New("over budget")

// inspect writes a table of the houses below root beside their budgets. The error
// is errOver if one is over.
func inspect(root string, budgets map[string]budget, w io.Writer) error {
	houses, err := measure(root, budgets)
	if err != nil {
		return err
	}
	const row = "%-24s %6s %6s %6s %6s  %s\n"
	fmt.Fprintf(w, row, "package, without tests", "code", "of", "names", "of", "")
	var wrong []string
	for _, folder := range slices.Sorted(maps.Keys(houses)) {
		h, b := houses[folder], budgets[folder]
		verdict := ""
		if b.lines > 0 && h.lines > b.lines || b.names > 0 && len(h.names) > b.names {
			verdict, err = "over", errOver
		}
		fmt.Fprintf(w, row, folder, number(h.lines), number(b.lines), number(len(h.names)), number(b.names), verdict)
		wrong = append(wrong, h.wrong...)
	}
	for _, file := range slices.Sorted(slices.Values(wrong)) {
		fmt.Fprintln(w, file)
		err = errOver
	}
	return err
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
