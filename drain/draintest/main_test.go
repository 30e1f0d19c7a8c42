package draintest

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"flyctl": Main, "flysim": Sim, "one-line": InBubble(oneLine), "flagged": InBubble(flagged)})
}

func oneLine() { os.Exit(view.Deploy(drain.New("my-app"))) }

var loud = flag.Bool("loud", false, "a flag of a package")

func flagged() {
	quiet := flag.Bool("quiet", false, "a flag of main")
	flag.Parse()
	fmt.Println(*loud, *quiet, flag.Arg(0))
}
