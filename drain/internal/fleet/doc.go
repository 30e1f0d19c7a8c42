// Package fleet says what a machine list means: which machines are managed and
// whose they are, which serve and how many must, and what is missing.
//
// A list can be late, short or thin, so three words are kept apart. A managed
// machine was created by "fly deploy". An unmanaged one was not, and is never
// touched or counted. Of an unknown one no row has ever said which it is, and
// that is not the same as unmanaged.
package fleet
