package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// errUp says that files of a package need each other in a circle, so that one of their
// arrows runs up.
var errUp = errors.New("files need each other in a circle")

// floors writes which files of one package need each other in a circle: they cannot be
// read from the bottom up. The error is errUp if some do.
func floors(root string, w io.Writer) error {
	list := exec.Command("go", "list", "-e", "-export", "-deps", "-f", "{{.Export}}\t{{.ImportPath}}\t{{if not .Standard}}{{if .Module}}{{if .Module.Main}}{{.Dir}}\t{{join .GoFiles \" \"}}{{end}}{{end}}{{end}}", "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	ours := map[string][]string{} // the files of each package
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) < 2 {
			continue // without what others import
		}
		exports[f[1]] = f[0]
		if len(f) == 4 {
			for _, name := range strings.Fields(f[3]) {
				ours[f[1]] = append(ours[f[1]], filepath.Join(f[2], name))
			}
		}
	}
	files := token.NewFileSet()
	from := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	err = nil
	for _, path := range slices.Sorted(maps.Keys(ours)) {
		arrows, failed := arrowsOf(files, from, path, ours[path])
		if failed != nil {
			return failed
		}
		for _, circle := range circles(arrows) {
			fmt.Fprintf(w, "%s: %s\n", path, strings.Join(circle, ", "))
			err = errUp
		}
	}
	return err
}

// arrowsOf returns which files of a package use what another one declares.
func arrowsOf(files *token.FileSet, from types.Importer, path string, names []string) (map[string]map[string]bool, error) {
	var parsed []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	pkg, err := (&types.Config{Importer: from}).Check(path, files, parsed, info)
	if err != nil {
		return nil, err
	}
	arrows := map[string]map[string]bool{}
	for id, o := range info.Uses {
		method := false
		if f, is := o.(*types.Func); is {
			method = f.Signature().Recv() != nil
		}
		if o.Pkg() != pkg || o.Parent() != pkg.Scope() && !method {
			continue // of another package, or within a function
		}
		a, b := filepath.Base(files.Position(id.Pos()).Filename), filepath.Base(files.Position(o.Pos()).Filename)
		if arrows[a] == nil {
			arrows[a] = map[string]bool{}
		}
		if a != b {
			arrows[a][b] = true
		}
	}
	return arrows, nil
}

// circles returns the files that need each other, each file in one circle.
func circles(arrows map[string]map[string]bool) [][]string {
	reach := map[string]map[string]bool{}
	for a := range arrows {
		reach[a] = map[string]bool{}
		for next := slices.Collect(maps.Keys(arrows[a])); len(next) > 0; next = next[1:] {
			if b := next[0]; !reach[a][b] {
				reach[a][b] = true
				next = slices.AppendSeq(next, maps.Keys(arrows[b]))
			}
		}
	}
	var out [][]string
	in := map[string]bool{}
	for _, a := range slices.Sorted(maps.Keys(reach)) {
		if in[a] || !reach[a][a] {
			continue
		}
		var circle []string
		for _, b := range slices.Sorted(maps.Keys(reach)) {
			if reach[a][b] && reach[b][a] {
				in[b], circle = true, append(circle, b)
			}
		}
		out = append(out, circle)
	}
	return out
}
