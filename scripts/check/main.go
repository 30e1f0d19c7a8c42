// Check runs everything that a commit must pass, as CI does, and fails if a package
// is larger than its budget, or cannot be read from the bottom up:
//
//	go run ./scripts/check
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The linters are run by version, so they are not dependencies of ours.
const (
	staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
	actionlint  = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
)

// check is a command that must succeed; silent ones must print nothing either.
type check struct {
	env    string
	args   string
	silent bool
}

var checks = []check{
	{args: "gofmt -l .", silent: true},
	{args: "go mod tidy -diff"},
	{args: "go vet ./..."},
	{env: "GOOS=windows", args: "go vet ./..."},
	{env: "GOOS=darwin", args: "go vet ./..."},
	{env: "GOOS=windows", args: "go build ./..."},
	{env: "GOOS=darwin", args: "go build ./..."},
	{args: "go run " + staticcheck + " ./..."},
	{args: "go run " + actionlint + " .github/workflows/ci.yml examples/github/deploy.yml"},
	{args: "go test -race -skip TestCampaign|TestManyMachines ./drain/... ./examples/... ./scripts/crashmatrix"}, // the two are long, and do what others do, too
}

func main() {
	failed := 0
	for _, c := range checks {
		begun := time.Now()
		out, err := c.run()
		verdict := "ok  "
		if err != nil || c.silent && len(out) > 0 {
			verdict, failed = "FAIL", failed+1
		}
		fmt.Printf("%s %6.1fs  %s\n", verdict, time.Since(begun).Seconds(), strings.TrimSpace(c.env+" "+c.args))
		if verdict == "FAIL" {
			fmt.Printf("%s%v\n", out, err)
		}
	}
	if err := inspect(".", budgets, os.Stdout); err != nil {
		fmt.Println("FAIL", err)
		failed++
	}
	if err := floors(".", os.Stdout); err != nil {
		fmt.Println("FAIL", err)
		failed++
	}
	if failed > 0 {
		fmt.Printf("%d checks failed\n", failed)
		os.Exit(1)
	}
}

func (c check) run() ([]byte, error) {
	args := strings.Fields(c.args)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = os.Environ()
	if c.env != "" {
		cmd.Env = append(cmd.Env, c.env)
	}
	out, err := cmd.CombinedOutput()
	return bytes.TrimLeft(out, "\n"), err
}
