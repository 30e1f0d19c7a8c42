package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// report is what a run has found.
type report struct {
	Date    time.Time `json:"date"`
	Flyctl  string    `json:"flyctl"` // flyctl's version
	Regions []string  `json:"regions"`
	Facts   []row     `json:"facts"`
}

type row struct {
	Fact     string  `json:"fact"`
	Believed string  `json:"believed"`
	Verdict  verdict `json:"verdict"`
	Seen     string  `json:"seen"`
	How      string  `json:"how"`
}

type verdict string

const (
	asBelieved verdict = "as believed"
	otherwise  verdict = "OTHERWISE"
	notSeen    verdict = "not seen"
)

// add adds what was seen of a fact, and returns it in one line.
func (r *report) add(f fact, got seen, err error) string {
	v, text := otherwise, got.text
	switch {
	case err != nil:
		v, text = notSeen, err.Error()
	case got.as:
		v = asBelieved
	}
	text = flyctl.Printable(text)
	r.Facts = append(r.Facts, row{f.name, f.believed, v, text, f.how})
	return fmt.Sprintf("%s: %s", v, text)
}

func (r *report) otherwise() bool {
	return slices.ContainsFunc(r.Facts, func(f row) bool { return f.Verdict == otherwise })
}

// write prints the report, and writes the files that are wanted.
func (r *report) write(out io.Writer, markdown, data string) error {
	err := error(nil)
	for _, f := range r.Facts {
		_, err = fmt.Fprintf(out, "%-12s %s: %s\n%13sseen: %s\n%13show:  %s\n", f.Verdict, f.Fact, f.Believed, "", f.Seen, "", f.How)
	}
	if markdown != "" {
		err = cmp.Or(err, os.WriteFile(markdown, []byte(r.String()), 0o666))
	}
	if data != "" {
		text, failed := json.MarshalIndent(r, "", "  ")
		err = cmp.Or(err, failed, os.WriteFile(data, append(text, '\n'), 0o666))
	}
	return err
}

// String is the report as Markdown.
func (r *report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Seen on Fly on %s, with flyctl %s, in %s, by `go run ./scripts/prove`.\n\n| fact | believed | verdict | seen | how |\n|---|---|---|---|---|\n",
		r.Date.Format(time.DateOnly), r.Flyctl, strings.Join(r.Regions, " and "))
	for _, f := range r.Facts {
		cells := []string{f.Fact, f.Believed, string(f.Verdict), f.Seen, f.How}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}
