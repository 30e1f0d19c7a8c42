package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

const usage = `usage: deploy [APP] [flags] [-- flags of flyctl's build and deploy]

Releases a Fly app without cutting a connection. Without APP it is the app of the fly.toml
in this folder, or of the file that -config names. For several apps that change over
together, say where each has its fly.toml: deploy -app api=./api -app web=./web
`

const exitCodes = `
exit codes:
  0  done
  1  failed: what served before serves
  2  wrong usage: nothing was run
  3  the new release serves, and old machines still drain: run -drain
  4  failed: what served before serves, and new machines are left: run -resume
  5  a person is needed: the message says for what
`

// parse reads the flags and the apps, which may stand in any order, and hands what
// stands after "--" on to apply.
func parse(fs *flag.FlagSet, args []string, apply func(rest []string) error) error {
	var rest []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, rest = args[:i], args[i+1:]
	}
	for more := true; more; more = fs.NArg() > 0 {
		if fs.NArg() > 0 { // the app at which Parse stopped
			if err := fs.Set("app", fs.Arg(0)); err != nil {
				return err
			}
			args = fs.Args()[1:]
		}
		if err := fs.Parse(args); err != nil {
			return err
		}
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if fs.Lookup("version").Value.String() == "true" {
		return nil
	}
	if !given["app"] {
		app, err := appOf(context.Background(), fs.Lookup("config").Value.String())
		if err == nil {
			err = fs.Set("app", app)
		}
		if err != nil {
			return err
		}
	}
	return apply(rest)
}

// appOf returns the app that a file of this folder names; "" is fly.toml.
func appOf(ctx context.Context, file string) (string, error) {
	args := []string{"config", "show", "--local"}
	if name, _, named := strings.Cut(file, "="); named {
		return "", fmt.Errorf("no app: -config %s needs -app %s", file, name)
	} else if file != "" {
		args = append(args, "--config="+file)
	}
	path, err := flyctl.Find("")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	res, err := flyctl.Exec(path)(ctx, flyctl.Command{Dir: ".", Args: args})
	if err != nil {
		return "", err
	}
	var config flyctl.AppConfig
	if json.Unmarshal(res.Stdout, &config) != nil || config.App == "" {
		return "", fmt.Errorf("no app: write deploy APP, or run it in the folder of the app's %s", cmp.Or(file, "fly.toml"))
	}
	return config.App, nil
}
