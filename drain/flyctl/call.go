package flyctl

import "context"

// call says how one command is to be run.
type call struct {
	args    []string
	machine string   // the machine it is about, if any
	pace    []*pacer // what it counts against, if anything
	local   bool     // reads fly.toml
	asks    bool     // changes nothing
	brief   bool     // let it finish when the context ends
	silent  bool     // speaks to nobody, and gets no token
	long    bool     // a build or a deploy: without a timeout, and talking all the time
	talk    bool     // its standard output says what is not so
	creates bool     // a deploy that says so of each machine
	created func()   // called when it does, if not nil

	recheck func(context.Context) error // see StopOptions
}
