package main

import "runtime/debug"

// versionOf returns a program's name, with the version of flydrain in it and the
// commit it was built from, where they are known.
func versionOf(program string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return program + " of an unknown version"
	}
	flydrain, commit := info.Main, ""
	for _, m := range info.Deps { // of a program in another repository
		if m.Path == "github.com/flydrain/flydrain" {
			flydrain = *m
		}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = ", commit " + s.Value
		}
	}
	return program + ": flydrain " + flydrain.Version + commit + ", " + info.GoVersion
}
