package fleet

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Machine is a row of the list, as far as it can be believed. It is never written to.
type Machine struct {
	flyctl.Machine
	Mark Mark // of the release of ours that created it; zero if none did
}

// List is the machine list of one app.
type List []*Machine

// ListLag is how long a change may take to be listed.
const ListLag = 15 * time.Second

// Unlisted is a machine known only by its id.
func Unlisted(id string) *Machine { return &Machine{Machine: flyctl.Machine{ID: id}} }

// Believe returns what the rows say, given the machines that were believed before.
// A thin row says nothing new: the last good row stands for what the machine is,
// and never for what it does. So does a row on a host that is not well. Where there
// was none before, such a row says itself what the machine is, if it lacks no more
// than a time: its mark has one. A row that says destroyed is believed.
func Believe(rows []flyctl.Machine, before func(id string) *Machine) List {
	l := make(List, len(rows))
	for i, row := range rows {
		m := &Machine{Machine: row, Mark: markOf(row)}
		if (row.Thin || !row.Reachable()) && !row.Gone() {
			was := before(row.ID)
			switch {
			case was != nil:
				*m = *was
			case row.Thin && row.ImageRef != (flyctl.ImageRef{}) && m.Mark.ID != "":
				m.CreatedAt = m.Mark.Time()
			case row.Thin:
				m = &Machine{Machine: flyctl.Machine{ID: row.ID, Region: row.Region}}
			}
			m.Thin, m.HostStatus, m.Nonce = true, row.HostStatus, row.Nonce
		}
		l[i] = m
	}
	return l
}

// Unknown reports whether no row has ever said what the machine is.
func (m *Machine) Unknown() bool { return m.CreatedAt.IsZero() && !m.Gone() }

// Where returns the machines that keep reports true for.
func (l List) Where(keep func(*Machine) bool) List {
	out := List{}
	for _, m := range l {
		if keep(m) {
			out = append(out, m)
		}
	}
	return out
}

// Managed returns the machines that "fly deploy" created and that are still there.
func (l List) Managed() List {
	return l.Where(func(m *Machine) bool { return m.Managed() && !m.Gone() })
}

// Unknown returns the machines whose rows have never said what they are.
func (l List) Unknown() List { return l.Where((*Machine).Unknown) }

// Thin returns the machines whose rows say nothing new.
func (l List) Thin() List { return l.Where(func(m *Machine) bool { return m.Thin }) }

// Uncordoned returns the machines that are shown uncordoned. A thin row shows nothing.
func (l List) Uncordoned() List {
	return l.Where(func(m *Machine) bool { return !m.Thin && !m.Cordoned })
}

// Cordoned returns the machines that are shown cordoned. A thin row shows nothing.
func (l List) Cordoned() List {
	return l.Where(func(m *Machine) bool { return !m.Thin && m.Cordoned })
}

// IDs returns the machines' ids, in the list's order.
func (l List) IDs() []string {
	ids := make([]string, len(l))
	for i, m := range l {
		ids[i] = m.ID
	}
	return ids
}

// Find returns the machine with that id, or nil.
func (l List) Find(id string) *Machine {
	i := slices.IndexFunc(l, func(m *Machine) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return l[i]
}

// Has reports whether the list has a machine with that id.
func (l List) Has(id string) bool { return l.Find(id) != nil }

// Pick returns the machines with these ids, in the list's order.
func (l List) Pick(ids []string) List {
	return l.Where(func(m *Machine) bool { return slices.Contains(ids, m.ID) })
}

// Without returns the machines that some does not have.
func (l List) Without(some List) List {
	return l.Where(func(m *Machine) bool { return !some.Has(m.ID) })
}

// Rows returns the machines as flyctl's package has them.
func (l List) Rows() []flyctl.Machine {
	rows := make([]flyctl.Machine, len(l))
	for i, m := range l {
		rows[i] = m.Machine
	}
	return rows
}
